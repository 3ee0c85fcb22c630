// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"
	"time"
)

func run(c *virtualClock, until time.Duration) {
	for f := c.pop(until); f != nil; f = c.pop(until) {
		f()
	}
	c.moveTo(until)
}

func TestTimersOfOneInstantRunInTheOrderTheyWereSetIn(t *testing.T) {
	c := &virtualClock{}
	var ran []int
	for i := range 20 {
		c.AfterFunc(time.Second, func() { ran = append(ran, i) })
	}
	run(c, time.Second)
	if !slices.IsSorted(ran) || len(ran) != 20 {
		t.Errorf("ran %v", ran)
	}
}

func TestATimerSeesItsOwnTime(t *testing.T) {
	c := &virtualClock{}
	var seen []time.Duration
	see := func() { seen = append(seen, c.elapsed()) }
	c.AfterFunc(3*time.Second, see)
	c.AfterFunc(time.Second, func() {
		see()
		c.AfterFunc(time.Second, see)
		c.AfterFunc(0, see)
	})
	run(c, time.Minute)
	want := []time.Duration{time.Second, time.Second, 2 * time.Second, 3 * time.Second}
	if !slices.Equal(seen, want) || c.elapsed() != time.Minute {
		t.Errorf("saw %v, then %v", seen, c.elapsed())
	}
}

func TestTheNextTimerIsKnown(t *testing.T) {
	c := &virtualClock{}
	if _, isThere := c.next(); isThere {
		t.Error("there is one before any was set")
	}
	later := c.AfterFunc(time.Hour, func() {})
	sooner := c.AfterFunc(time.Minute, func() {})
	if at, _ := c.next(); at != time.Minute {
		t.Errorf("the next is at %v", at)
	}
	if !sooner.Stop() || sooner.Stop() {
		t.Error("Stop tells whether the timer was set")
	}
	later.Reset(time.Second)
	if at, _ := c.next(); at != time.Second {
		t.Errorf("then the next is at %v", at)
	}
}
