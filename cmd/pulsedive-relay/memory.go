package main

import "runtime/debug"

const (
	// gcPercent lets the heap grow to a multiple of what is in use before it is
	// collected: answers are short-lived, and small heaps are collected too often.
	gcPercent = 400
	// memoryBase is what the program may take beside its cache before it is
	// collected more often after all, in bytes.
	memoryBase = 64 << 20
)

// tuneMemory sets the garbage collector, but for what the operator set.
func tuneMemory(p *process, cacheBytes int64) {
	if p.environ["GOGC"] == "" {
		debug.SetGCPercent(gcPercent)
	}
	if p.environ["GOMEMLIMIT"] == "" {
		debug.SetMemoryLimit(memoryBase + cacheBytes)
	}
}
