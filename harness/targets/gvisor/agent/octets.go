// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"time"
)

var errShort = errors.New("the arguments of an operation end too early")

// A reader takes the arguments of an operation. Reading past their end gives zeros, and is remembered.
type reader struct {
	octets  []byte
	isShort bool
}

func (r *reader) take(count int) []byte {
	if count > len(r.octets) {
		r.isShort = true
		return make([]byte, count)
	}
	taken := r.octets[:count]
	r.octets = r.octets[count:]
	return taken
}

func (r *reader) rest() []byte {
	taken := r.octets
	r.octets = nil
	return taken
}

func (r *reader) u8() uint8   { return r.take(1)[0] }
func (r *reader) u16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

func (r *reader) time() time.Duration { return time.Duration(min(r.u64(), 1<<63-1)) }
func (r *reader) text() string        { return string(r.take(int(r.u16()))) }

// Family 0, or one that does not exist, gives the zero Addr.
func (r *reader) address() netip.Addr {
	family, octets := Family(r.u8()), r.take(16)
	switch family {
	case IPv4:
		return netip.AddrFrom4([4]byte(octets))
	case IPv6:
		return netip.AddrFrom16([16]byte(octets))
	}
	return netip.Addr{}
}

func (r *reader) endpoint() netip.AddrPort {
	address := r.address()
	return netip.AddrPortFrom(address, r.u16())
}

func (r *reader) prefix() netip.Prefix {
	address := r.address()
	return netip.PrefixFrom(address, int(r.u8()))
}

func (r *reader) config() Config {
	config := Config{
		Seed:     r.u64(),
		Local4:   r.prefix(),
		Local6:   r.prefix(),
		Gateway4: r.address(),
		Gateway6: r.address(),
		Peer4:    r.address(),
		Peer6:    r.address(),
		MAC:      [6]byte(r.take(6)),
		MTU:      r.u16(),
	}
	for count := r.u16(); count > 0 && !r.isShort; count-- {
		config.Knobs = append(config.Knobs, Knob{Name: r.text(), Value: r.text()})
	}
	return config
}

// What an answer is written with.

func putText(to []byte, text string) []byte {
	text = text[:min(len(text), 1<<16-1)]
	to = binary.BigEndian.AppendUint16(to, uint16(len(text)))
	return append(to, text...)
}

func putAddress(to []byte, address netip.Addr) []byte {
	var family Family
	var octets [16]byte
	switch {
	case address.Is4():
		family = IPv4
		four := address.As4()
		copy(octets[:], four[:])
	case address.Is6():
		family = IPv6
		octets = address.As16()
	}
	return append(append(to, byte(family)), octets[:]...)
}

func putEndpoint(to []byte, endpoint netip.AddrPort) []byte {
	return binary.BigEndian.AppendUint16(putAddress(to, endpoint.Addr()), endpoint.Port())
}
