// SPDX-License-Identifier: Apache-2.0

package main

import (
	"packetwright/gvisor/agent"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

var states = map[tcp.EndpointState]agent.State{
	tcp.StateInitial:     agent.Closed,
	tcp.StateBound:       agent.Closed,
	tcp.StateConnecting:  agent.Closed,
	tcp.StateError:       agent.Closed,
	tcp.StateClose:       agent.Closed,
	tcp.StateListen:      agent.Listen,
	tcp.StateSynSent:     agent.SynSent,
	tcp.StateSynRecv:     agent.SynReceived,
	tcp.StateEstablished: agent.Established,
	tcp.StateFinWait1:    agent.FinWait1,
	tcp.StateFinWait2:    agent.FinWait2,
	tcp.StateCloseWait:   agent.CloseWait,
	tcp.StateClosing:     agent.Closing,
	tcp.StateLastAck:     agent.LastAck,
	tcp.StateTimeWait:    agent.TimeWait,
}

// TCP_CA_* of Linux.
var congestionStates = map[tcpip.CongestionControlState]int64{
	tcpip.Open: 0, tcpip.Disorder: 1, tcpip.FastRecovery: 3, tcpip.SACKRecovery: 3, tcpip.RTORecovery: 4,
}

// TCPStatus implements agent.Teller.
func (t *target) TCPStatus(fd int) (agent.State, []agent.Counter, error) {
	d, err := t.descriptor(fd)
	if err != nil {
		return agent.Unknown, nil, err
	}
	connection, isTCP := d.endpoint.(*tcp.Endpoint)
	if !isTCP {
		return agent.Unknown, nil, agent.ENOTSUP
	}
	state := states[connection.EndpointState()]
	var info tcpip.TCPInfoOption
	if failed := connection.GetSockOpt(&info); failed != nil {
		return agent.Unknown, nil, errno(failed)
	}
	if state == agent.Closed || state == agent.Listen || state == agent.SynSent {
		return state, nil, nil
	}
	waiting, failed := connection.GetSockOptInt(tcpip.ReceiveQueueSizeOption)
	if failed != nil {
		return agent.Unknown, nil, errno(failed)
	}
	recovers, _ := truth(info.CcState == tcpip.FastRecovery || info.CcState == tcpip.SACKRecovery)
	sack, _ := truth(connection.SACKPermitted)
	timestamps, _ := truth(connection.SendTSOk)
	seen := connection.Stats().(*tcp.Stats)
	return state, []agent.Counter{
		{Name: "cwnd", Value: int64(info.SndCwnd)},
		{Name: "ssthresh", Value: int64(info.SndSsthresh)},
		{Name: "srtt_us", Value: info.RTT.Microseconds()},
		{Name: "rttvar_us", Value: info.RTTVar.Microseconds()},
		{Name: "rto_us", Value: info.RTO.Microseconds()},
		{Name: "ca_state", Value: congestionStates[info.CcState]},
		{Name: "in_recovery", Value: recovers},
		{Name: "sack", Value: sack},
		{Name: "timestamps", Value: timestamps},
		{Name: "recv_q", Value: int64(waiting)},
		{Name: "total_retrans", Value: int64(seen.SendErrors.Retransmits.Value())},
		{Name: "segs_in", Value: int64(seen.SegmentsReceived.Value())},
		{Name: "segs_out", Value: int64(seen.SegmentsSent.Value())},
	}, nil
}
