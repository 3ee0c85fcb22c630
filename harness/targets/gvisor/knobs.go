// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"packetwright/gvisor/agent"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// settings are what a case may choose.
type settings struct {
	isStock      bool
	sack         bool
	congestion   string
	recovery     tcpip.TCPRecovery
	cookies      bool
	nagle        bool
	receive      *tcpip.TCPReceiveBufferSizeRangeOption
	send         *tcpip.TCPSendBufferSizeRangeOption
	synRetries   int
	retries      int
	finTimeout   time.Duration
	minRTO       time.Duration
	ttl          uint8
	dadTransmits uint8
	solicits     bool
	acceptsRA    bool
	autoconf     bool
}

// As Linux has it where gVisor leaves the choice; "stock" is as gVisor's own runtime has it.
func defaults() settings {
	return settings{
		sack:       true,
		congestion: "cubic",
		recovery:   tcpip.TCPRACKLossDetection,
		nagle:      true,
		synRetries: tcp.DefaultSynRetries,
		retries:    tcp.MaxRetries,
		finTimeout: tcp.DefaultTCPLingerTimeout,
		minRTO:     tcp.MinRTO,
		ttl:        64,
		acceptsRA:  true,
		autoconf:   true,
	}
}

func settingsOf(knobs []agent.Knob) (settings, error) {
	s := defaults()
	if slices.Contains(knobs, agent.Knob{Name: "stock", Value: "1"}) {
		s.isStock, s.nagle, s.congestion = true, false, "reno"
	}
	for _, knob := range knobs {
		set, isThere := knobSetters[knob.Name]
		if !isThere {
			return s, &agent.Refusal{Errno: agent.ENOTSUP,
				Reason: fmt.Sprintf("gVisor has no setting %q of this kind", knob.Name)}
		}
		if err := set(&s, knob.Value); err != nil {
			return s, err
		}
	}
	return s, nil
}

func cannotBe(name, value string) error {
	return &agent.Refusal{Errno: agent.EINVAL,
		Reason: fmt.Sprintf("gVisor's %q cannot be %q", name, value)}
}

type setter func(s *settings, value string) error

// The docs list them: docs/targets.md.
var knobSetters = map[string]setter{
	"stock":                  flag("stock", func(s *settings, is bool) { s.isStock = is }),
	"tcp_sack":               flag("tcp_sack", func(s *settings, is bool) { s.sack = is }),
	"tcp_nagle":              flag("tcp_nagle", func(s *settings, is bool) { s.nagle = is }),
	"accept_ra":              flag("accept_ra", func(s *settings, is bool) { s.acceptsRA = is }),
	"autoconf":               flag("autoconf", func(s *settings, is bool) { s.autoconf = is }),
	"tcp_syncookies":         setCookies,
	"tcp_timestamps":         always("tcp_timestamps"),
	"tcp_window_scaling":     always("tcp_window_scaling"),
	"tcp_congestion_control": setCongestion,
	"tcp_recovery":           setRecovery,
	"tcp_rmem":               setReceive,
	"tcp_wmem":               setSend,
	"tcp_syn_retries":        number("tcp_syn_retries", 1, 127, func(s *settings, n int) { s.synRetries = n }),
	"tcp_retries2":           number("tcp_retries2", 1, 255, func(s *settings, n int) { s.retries = n }),
	"tcp_fin_timeout":        number("tcp_fin_timeout", 1, 120, func(s *settings, n int) { s.finTimeout = time.Duration(n) * time.Second }),
	"tcp_rto_min_us":         number("tcp_rto_min_us", 1, 120_000_000, func(s *settings, n int) { s.minRTO = time.Duration(n) * time.Microsecond }),
	"ip_default_ttl":         number("ip_default_ttl", 1, 255, func(s *settings, n int) { s.ttl = uint8(n) }),
	"dad_transmits":          number("dad_transmits", 0, 255, func(s *settings, n int) { s.dadTransmits = uint8(n) }),
	"router_solicitations":   flag("router_solicitations", func(s *settings, is bool) { s.solicits = is }),
}

func flag(name string, set func(*settings, bool)) setter {
	return func(s *settings, value string) error {
		if value != "0" && value != "1" {
			return cannotBe(name, value)
		}
		set(s, value == "1")
		return nil
	}
}

func number(name string, least, most int, set func(*settings, int)) setter {
	return func(s *settings, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return cannotBe(name, value)
		}
		set(s, n)
		return nil
	}
}

// What gVisor cannot do without.
func always(name string) setter {
	return func(_ *settings, value string) error {
		switch value {
		case "1":
			return nil
		case "0":
			return &agent.Refusal{Errno: agent.ENOTSUP,
				Reason: fmt.Sprintf("gVisor has no way to switch %s off", name)}
		}
		return cannotBe(name, value)
	}
}

// gVisor sends cookies when its queue is full, and cannot be kept from it.
func setCookies(s *settings, value string) error {
	switch value {
	case "0":
		return always("tcp_syncookies")(s, value)
	case "1", "2":
		s.cookies = value == "2"
		return nil
	}
	return cannotBe("tcp_syncookies", value)
}

func setCongestion(s *settings, value string) error {
	if value != "reno" && value != "cubic" {
		return cannotBe("tcp_congestion_control", value)
	}
	s.congestion = value
	return nil
}

// Linux's bits: 1 is RACK, 2 a reordering window that stays, 4 none.
func setRecovery(s *settings, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > 7 {
		return cannotBe("tcp_recovery", value)
	}
	s.recovery = tcpip.TCPRecovery(n)
	return nil
}

func sizes(name, value string) (least, usual, most int, err error) {
	var parsed []int
	for word := range strings.FieldsSeq(value) {
		n, failure := strconv.Atoi(word)
		if failure != nil || n <= 0 || n > 1<<30 {
			return 0, 0, 0, cannotBe(name, value)
		}
		parsed = append(parsed, n)
	}
	switch {
	case len(parsed) == 1:
		return parsed[0], parsed[0], parsed[0], nil
	case len(parsed) == 3 && parsed[0] <= parsed[1] && parsed[1] <= parsed[2]:
		return parsed[0], parsed[1], parsed[2], nil
	}
	return 0, 0, 0, cannotBe(name, value)
}

func setReceive(s *settings, value string) error {
	least, usual, most, err := sizes("tcp_rmem", value)
	s.receive = &tcpip.TCPReceiveBufferSizeRangeOption{Min: least, Default: usual, Max: most}
	return err
}

func setSend(s *settings, value string) error {
	least, usual, most, err := sizes("tcp_wmem", value)
	s.send = &tcpip.TCPSendBufferSizeRangeOption{Min: least, Default: usual, Max: most}
	return err
}
