package main

import (
	"runtime/debug"
	"testing"

	"pulsedive-relay/store"
)

// TestTuneMemory: the limit follows the cache's size, unless the operator sets it.
// It changes what belongs to the whole process, so no other test runs beside it.
func TestTuneMemory(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	for _, bytes := range []int64{64 << 20, 256 << 20} {
		s := store.Settings{Cache: store.Cache{CacheBytes: bytes}}
		(&process{}).tuneMemory(s)
		if got := debug.SetMemoryLimit(-1); got != bytes+memoryBase {
			t.Errorf("a cache of %d bytes: the limit is %d, want %d", bytes, got, bytes+memoryBase)
		}
		debug.SetMemoryLimit(1 << 30)
		(&process{environ: map[string]string{"GOMEMLIMIT": "1GiB"}}).tuneMemory(s)
		if got := debug.SetMemoryLimit(-1); got != 1<<30 {
			t.Errorf("the operator's limit is %d now, want it left", got)
		}
	}
}
