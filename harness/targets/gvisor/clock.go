// SPDX-License-Identifier: Apache-2.0

package main

import (
	"container/heap"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// A virtualClock is a tcpip.Clock that stands still until it is moved. Unlike gVisor's ManualClock it
// says when its next timer is due, and timers of one instant run in the order in which they were
// set, so that runs are equal. Timers run in the goroutine that moves the clock.
type virtualClock struct {
	mu     sync.Mutex
	now    time.Duration
	timers timerHeap
	set    uint64 // how many there were ever
}

// gVisor takes the zero time for "never".
var epoch = time.Unix(0, 0)

func (c *virtualClock) elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Now implements tcpip.Clock.
func (c *virtualClock) Now() time.Time { return epoch.Add(c.elapsed()) }

// NowMonotonic implements tcpip.Clock.
func (c *virtualClock) NowMonotonic() tcpip.MonotonicTime {
	return tcpip.MonotonicTime{}.Add(c.elapsed())
}

// AfterFunc implements tcpip.Clock.
func (c *virtualClock) AfterFunc(after time.Duration, f func()) tcpip.Timer {
	t := &timer{clock: c, f: f, index: -1}
	t.Reset(after)
	return t
}

// When the next timer is due; false: there is none.
func (c *virtualClock) next() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 {
		return 0, false
	}
	return c.timers[0].at, true
}

// Moves on to the next timer if that is due by `until`, and takes it out. Without one the clock stays.
func (c *virtualClock) pop(until time.Duration) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 || c.timers[0].at > until {
		return nil
	}
	t := heap.Pop(&c.timers).(*timer)
	c.now = max(c.now, t.at)
	return t.f
}

func (c *virtualClock) moveTo(now time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = max(c.now, now)
}

type timer struct {
	clock *virtualClock
	f     func()
	at    time.Duration
	order uint64
	index int // in the heap; -1: not set
}

// Reset implements tcpip.Timer.
func (t *timer) Reset(after time.Duration) {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	t.remove()
	c.set++
	t.at, t.order = c.now+max(after, 0), c.set
	heap.Push(&c.timers, t)
}

// Stop implements tcpip.Timer.
func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.remove()
}

func (t *timer) remove() bool {
	if t.index < 0 {
		return false
	}
	heap.Remove(&t.clock.timers, t.index)
	return true
}

type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].order < h[j].order
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	t.index = -1
	(*h)[last] = nil
	*h = (*h)[:last]
	return t
}
