// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"time"

	"packetwright/gvisor/agent"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
)

// Options that are numbers of the endpoint, as gVisor has them.
var numbers = map[agent.Option]tcpip.SockOptInt{
	agent.IPTOS:          tcpip.IPv4TOSOption,
	agent.IPv6TClass:     tcpip.IPv6TrafficClassOption,
	agent.TCPMaxSeg:      tcpip.MaxSegOption,
	agent.TCPKeepCnt:     tcpip.KeepaliveCountOption,
	agent.TCPSynCnt:      tcpip.TCPSynCountOption,
	agent.TCPWindowClamp: tcpip.TCPWindowClampOption,
}

var strategies = []tcpip.PMTUDStrategy{
	tcpip.PMTUDiscoveryDont, tcpip.PMTUDiscoveryWant, tcpip.PMTUDiscoveryDo, tcpip.PMTUDiscoveryProbe,
}

func isOfTCP(option agent.Option) bool { return option >= agent.TCPNoDelay }

// SetOption implements agent.Sockets.
func (t *target) SetOption(fd int, option agent.Option, value int64) error {
	d, err := t.descriptor(fd)
	if err != nil {
		return err
	}
	if value < math.MinInt32 || value > math.MaxInt32 {
		return agent.EINVAL
	}
	if isOfTCP(option) && !d.isStream {
		return agent.ENOTSUP
	}
	err = setOption(d, option, value)
	t.settle()
	return err
}

func setOption(d *descriptor, option agent.Option, value int64) error {
	is, seconds := value != 0, time.Duration(value)*time.Second
	general := d.endpoint.SocketOptions()
	switch option {
	case agent.SOReuseAddr:
		general.SetReuseAddress(is)
	case agent.SOKeepAlive:
		general.SetKeepAlive(is)
	case agent.SOBroadcast:
		general.SetBroadcast(is)
	case agent.SOLinger:
		general.SetLinger(tcpip.LingerOption{Enabled: value >= 0, Timeout: max(seconds, 0)})
	case agent.SOSndBuf:
		least, most := general.SendBufferLimits()
		general.SetSendBufferSize(bufferSize(value, least, most), true)
	case agent.SORcvBuf:
		least, most := general.ReceiveBufferLimits()
		general.SetReceiveBufferSize(bufferSize(value, least, most), true)
	case agent.IPRecvErr:
		general.SetIPv4RecvError(is)
		general.SetIPv6RecvError(is)
	case agent.IPv6Only:
		if d.family != agent.IPv6 {
			return agent.ENOTSUP
		}
		general.SetV6Only(is)
	case agent.IPTTL:
		if value < 1 || value > 255 {
			return agent.EINVAL
		}
		return errno(d.endpoint.SetSockOptInt(tcpip.IPv4TTLOption, int(value)))
	case agent.IPv6UnicastHops:
		if value < -1 || value > 255 {
			return agent.EINVAL
		}
		return errno(d.endpoint.SetSockOptInt(tcpip.IPv6HopLimitOption, int(value)))
	case agent.IPMTUDiscover:
		if value < 0 || value >= int64(len(strategies)) {
			return agent.EINVAL
		}
		return errno(d.endpoint.SetSockOptInt(tcpip.MTUDiscoverOption, int(strategies[value])))
	case agent.TCPNoDelay:
		general.SetDelayOption(!is)
	case agent.TCPCork:
		general.SetCorkOption(is)
	case agent.TCPQuickAck:
		general.SetQuickAck(is)
	case agent.TCPKeepIdle:
		return setTime(d, value, new(tcpip.KeepaliveIdleOption(seconds)))
	case agent.TCPKeepIntvl:
		return setTime(d, value, new(tcpip.KeepaliveIntervalOption(seconds)))
	case agent.TCPUserTimeout:
		if value < 0 {
			return agent.EINVAL
		}
		timeout := tcpip.TCPUserTimeoutOption(time.Duration(value) * time.Millisecond)
		return errno(d.endpoint.SetSockOpt(&timeout))
	case agent.TCPDeferAccept:
		accept := tcpip.TCPDeferAcceptOption(max(seconds, 0))
		return errno(d.endpoint.SetSockOpt(&accept))
	default:
		number, isThere := numbers[option]
		if !isThere {
			return agent.ENOTSUP
		}
		if option == agent.TCPKeepCnt && (value < 1 || value > 127) {
			return agent.EINVAL
		}
		return errno(d.endpoint.SetSockOptInt(number, int(value)))
	}
	return nil
}

// Linux's bounds, which gVisor's runtime has.
func setTime(d *descriptor, seconds int64, option tcpip.SettableSocketOption) error {
	if seconds < 1 || seconds > 32767 {
		return agent.EINVAL
	}
	return errno(d.endpoint.SetSockOpt(option))
}

// Twice what is asked for, as in gVisor's runtime and on Linux.
func bufferSize(wanted, least, most int64) int64 {
	return max(2*min(max(wanted, 0), most), least)
}

// GetOption implements agent.Sockets.
func (t *target) GetOption(fd int, option agent.Option) (int64, error) {
	d, err := t.descriptor(fd)
	if err != nil {
		return 0, err
	}
	if isOfTCP(option) && !d.isStream {
		return 0, agent.ENOTSUP
	}
	general := d.endpoint.SocketOptions()
	switch option {
	case agent.SOError:
		var number agent.Errno
		if failed, isThere := errno(general.GetLastError()).(agent.Errno); isThere {
			number = failed
		}
		return int64(number), nil
	case agent.SOReuseAddr:
		return truth(general.GetReuseAddress())
	case agent.SOKeepAlive:
		return truth(general.GetKeepAlive())
	case agent.SOBroadcast:
		return truth(general.GetBroadcast())
	case agent.SOLinger:
		linger := general.GetLinger()
		if !linger.Enabled {
			return -1, nil
		}
		return int64(linger.Timeout / time.Second), nil
	case agent.SOSndBuf:
		return general.GetSendBufferSize(), nil
	case agent.SORcvBuf:
		return general.GetReceiveBufferSize(), nil
	case agent.IPRecvErr:
		return truth(general.GetIPv4RecvError())
	case agent.IPv6Only:
		return truth(general.GetV6Only())
	case agent.IPTTL:
		return t.hops(d, tcpip.IPv4TTLOption, 0, ipv4.ProtocolNumber)
	case agent.IPv6UnicastHops:
		return t.hops(d, tcpip.IPv6HopLimitOption, -1, ipv6.ProtocolNumber)
	case agent.IPMTUDiscover:
		value, failed := d.endpoint.GetSockOptInt(tcpip.MTUDiscoverOption)
		for linux, strategy := range strategies {
			if tcpip.PMTUDStrategy(value) == strategy {
				return int64(linux), errno(failed)
			}
		}
		return 0, agent.EINVAL
	case agent.TCPNoDelay:
		return truth(!general.GetDelayOption())
	case agent.TCPCork:
		return truth(general.GetCorkOption())
	case agent.TCPQuickAck:
		return truth(general.GetQuickAck())
	case agent.TCPKeepIdle:
		var idle tcpip.KeepaliveIdleOption
		failed := d.endpoint.GetSockOpt(&idle)
		return int64(time.Duration(idle) / time.Second), errno(failed)
	case agent.TCPKeepIntvl:
		var interval tcpip.KeepaliveIntervalOption
		failed := d.endpoint.GetSockOpt(&interval)
		return int64(time.Duration(interval) / time.Second), errno(failed)
	case agent.TCPUserTimeout:
		var timeout tcpip.TCPUserTimeoutOption
		failed := d.endpoint.GetSockOpt(&timeout)
		return time.Duration(timeout).Milliseconds(), errno(failed)
	case agent.TCPDeferAccept:
		var accept tcpip.TCPDeferAcceptOption
		failed := d.endpoint.GetSockOpt(&accept)
		return int64(time.Duration(accept) / time.Second), errno(failed)
	}
	number, isThere := numbers[option]
	if !isThere {
		return 0, agent.ENOTSUP
	}
	value, failed := d.endpoint.GetSockOptInt(number)
	return int64(value), errno(failed)
}

func truth(is bool) (int64, error) {
	if is {
		return 1, nil
	}
	return 0, nil
}

// `unset` stands for the stack's own number of hops.
func (t *target) hops(d *descriptor, option tcpip.SockOptInt, unset int,
	family tcpip.NetworkProtocolNumber) (int64, error) {
	value, failed := d.endpoint.GetSockOptInt(option)
	if failed != nil || value != unset {
		return int64(value), errno(failed)
	}
	var usual tcpip.DefaultTTLOption
	failed = t.stack.NetworkProtocolOption(family, &usual)
	return int64(usual), errno(failed)
}
