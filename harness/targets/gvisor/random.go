// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"

	gvisorrand "gvisor.dev/gvisor/pkg/rand"
)

// A seeded is every source of chance that gVisor asks for: an io.Reader, and a math/rand.Source.
type seeded struct {
	mu  sync.Mutex
	rng *rand.ChaCha8
}

func newSeeded(seed uint64, use string) *seeded {
	var key [32]byte
	copy(key[:], use)
	binary.LittleEndian.PutUint64(key[24:], seed)
	return &seeded{rng: rand.NewChaCha8(key)}
}

func (s *seeded) Read(octets []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rng.Read(octets)
}

func (s *seeded) Int63() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.rng.Uint64() >> 1)
}

func (s *seeded) Seed(int64) {}

// IPv4's identifications come from gVisor's own reader, whatever a stack is given.
func seedGlobally(seed uint64) { gvisorrand.Reader = newSeeded(seed, "global") }
