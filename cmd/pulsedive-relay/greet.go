package main

import (
	"net"
	"strings"
)

// curlLine asks a relay in a shell that knows $TOKEN.
func curlLine(address, body string) string {
	line := "curl -sS -X POST " + address + ` -H "Authorization: Bearer $TOKEN"`
	if body != "" {
		line += " -d '" + body + "'"
	}
	return line
}

// baseURL is how a listener is called from this machine.
func baseURL(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return "http://" + a.String()
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// firstSentence is a text up to its first full stop.
func firstSentence(s string) string {
	if i := strings.Index(s, ". "); i >= 0 {
		return s[:i]
	}
	return strings.TrimSuffix(s, ".")
}
