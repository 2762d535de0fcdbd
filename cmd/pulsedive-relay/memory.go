package main

import (
	"runtime/debug"

	"pulsedive-relay/store"
)

const (
	// gcPercent lets the heap grow to a multiple of what is in use before it is
	// collected: answers are short-lived, and small heaps are collected too often.
	gcPercent = 400
	// memoryBase is what the program may take beside its cache before it is
	// collected more often after all, in bytes.
	memoryBase = 64 << 20
)

// tuneMemory sets the garbage collector for these settings, but for what the
// operator set.
func (p *process) tuneMemory(s store.Settings) {
	if p.environ["GOGC"] == "" {
		debug.SetGCPercent(gcPercent)
	}
	if p.environ["GOMEMLIMIT"] == "" {
		debug.SetMemoryLimit(memoryBase + s.CacheBytes)
	}
}
