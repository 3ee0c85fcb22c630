// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Version is the version of the protocol.
const Version = 1

// NotImplemented is the status that an agent exits with if what it is asked for is not there.
const NotImplemented = 89

const mostOctets = 1 << 24

type operation uint8

const (
	opHello operation = iota
	opCreate
	opDestroy
	opInject
	opReset
	opAdvance
	opNextTimer
	opNow
	opWait
	opSocket
	opBind
	opListen
	opAccept
	opConnect
	opRead
	opWrite
	opShutdown
	opClose
	opSetOption
	opGetOption
	opPoll
	opLocalEndpoint
	opTCPStatus
	opSetISN
	opResolve
	opResolved
	opNetstat
)

const (
	recordResult = 128
	recordFrame  = 129
	recordLog    = 130
	recordClock  = 131
)

// Serve answers the harness until it closes the stream, which is no error; the stack is destroyed
// then. An error is that of the stream, or of a harness that does not keep to the protocol.
func Serve(in io.Reader, out io.Writer, stack Stack) error {
	s := newSession(stack)
	defer s.destroy()
	input := bufio.NewReaderSize(in, 1<<16)
	var message []byte
	for {
		var header [4]byte
		if _, err := io.ReadFull(input, header[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("a message ended in its length: %w", err)
		}
		length := binary.BigEndian.Uint32(header[:])
		if length > mostOctets {
			return fmt.Errorf("a message of %d octets is too long", length)
		}
		if cap(message) < int(length) {
			message = make([]byte, length)
		}
		message = message[:length]
		if _, err := io.ReadFull(input, message); err != nil {
			return fmt.Errorf("a message ended early: %w", err)
		}
		answer, err := s.answer(message)
		if err != nil {
			return err
		}
		if _, err := out.Write(answer); err != nil {
			return err
		}
	}
}

// A session is one conversation. Its answer grows while the operations of a message are done.
type session struct {
	stack   Stack
	isAlive bool
	now     time.Duration
	out     []byte
	has     uint32 // bit N: operation N

	// What the stack is beside a Stack, or nil.
	timer    Timer
	clock    Clock
	sockets  Sockets
	teller   Teller
	numberer Numberer
	resolver Resolver
	lister   Lister
}

func newSession(stack Stack) *session {
	s := &session{stack: stack}
	s.claim(true, opHello, opCreate, opDestroy, opInject, opReset, opAdvance)
	s.timer, _ = stack.(Timer)
	s.claim(s.timer != nil, opNextTimer)
	s.clock, _ = stack.(Clock)
	s.claim(s.clock != nil, opNow, opWait)
	s.sockets, _ = stack.(Sockets)
	s.claim(s.sockets != nil, opSocket, opBind, opListen, opAccept, opConnect, opRead, opWrite,
		opShutdown, opClose, opSetOption, opGetOption, opPoll, opLocalEndpoint)
	s.teller, _ = stack.(Teller)
	s.claim(s.teller != nil, opTCPStatus)
	s.numberer, _ = stack.(Numberer)
	s.claim(s.numberer != nil, opSetISN)
	s.resolver, _ = stack.(Resolver)
	s.claim(s.resolver != nil, opResolve, opResolved)
	s.lister, _ = stack.(Lister)
	s.claim(s.lister != nil, opNetstat)
	return s
}

func (s *session) claim(isThere bool, operations ...operation) {
	if !isThere {
		return
	}
	for _, op := range operations {
		s.has |= 1 << op
	}
}

// Send implements Host.
func (s *session) Send(at time.Duration, frame []byte) {
	s.begin(recordFrame, 8+len(frame))
	s.out = binary.BigEndian.AppendUint64(s.out, uint64(at))
	s.out = append(s.out, frame...)
}

// Log implements Host.
func (s *session) Log(line string) {
	s.begin(recordLog, len(line))
	s.out = append(s.out, line...)
}

func (s *session) begin(record byte, length int) {
	s.out = append(s.out, record)
	s.out = binary.BigEndian.AppendUint32(s.out, uint32(length))
}

// With the length of the answer before it.
func (s *session) answer(message []byte) ([]byte, error) {
	s.out = append(s.out[:0], 0, 0, 0, 0)
	for len(message) > 0 {
		if len(message) < 5 {
			return nil, errors.New("a message ends in the middle of a record")
		}
		kind, length := operation(message[0]), binary.BigEndian.Uint32(message[1:])
		message = message[5:]
		if uint64(length) > uint64(len(message)) {
			return nil, errors.New("a record is longer than its message")
		}
		arguments := reader{octets: message[:length]}
		message = message[length:]
		result, extra, err := s.do(kind, &arguments)
		if arguments.isShort {
			return nil, fmt.Errorf("%w: kind %d", errShort, kind)
		}
		s.result(result, extra, err)
	}
	s.tellTime()
	if len(s.out)-4 > mostOctets {
		return nil, fmt.Errorf("an answer of %d octets is too long", len(s.out)-4)
	}
	binary.BigEndian.PutUint32(s.out, uint32(len(s.out)-4))
	return s.out, nil
}

func (s *session) result(result int64, extra []byte, err error) {
	var refusal *Refusal
	var number Errno
	switch {
	case err == nil:
	case errors.As(err, &refusal):
		result, extra = -int64(refusal.Errno), []byte(refusal.Reason)
	case errors.As(err, &number):
		result, extra = -int64(number), nil
	default:
		s.Log(err.Error())
		result, extra = -int64(EIO), nil
	}
	s.begin(recordResult, 8+len(extra))
	s.out = binary.BigEndian.AppendUint64(s.out, uint64(result))
	s.out = append(s.out, extra...)
}

// Spares the harness two questions. A clock that runs by itself is asked when it matters.
func (s *session) tellTime() {
	if !s.isAlive || s.timer == nil || s.clock != nil {
		return
	}
	s.begin(recordClock, 16)
	s.out = binary.BigEndian.AppendUint64(s.out, uint64(s.now))
	s.out = binary.BigEndian.AppendUint64(s.out, s.nextTimer())
}

func (s *session) nextTimer() uint64 {
	if at, isThere := s.timer.NextTimer(); isThere {
		return uint64(at)
	}
	return math.MaxUint64
}

func (s *session) destroy() {
	if s.isAlive {
		s.stack.Destroy()
		s.isAlive = false
	}
}

func (s *session) create(config Config) error {
	s.destroy()
	s.now = 0
	err := s.stack.Create(config, s)
	s.isAlive = err == nil
	return err
}

func (s *session) hello() []byte {
	about := s.stack.Describe()
	flags := uint32(0)
	if about.Ethernet {
		flags |= 1
	}
	if about.RealTime {
		flags |= 2
	}
	extra := binary.BigEndian.AppendUint16(nil, Version)
	extra = binary.BigEndian.AppendUint32(extra, flags)
	extra = binary.BigEndian.AppendUint64(extra, uint64(about.Tick))
	extra = binary.BigEndian.AppendUint64(extra, uint64(about.Slack))
	extra = binary.BigEndian.AppendUint32(extra, s.has)
	for _, text := range []string{about.Name, about.Version, about.Capabilities} {
		extra = putText(extra, text)
	}
	return extra
}

// Does an operation. The order of the cases is that of the protocol.
func (s *session) do(kind operation, r *reader) (result int64, extra []byte, err error) {
	if kind > opNetstat || s.has&(1<<kind) == 0 {
		return 0, nil, ENOTSUP
	}
	if !s.isAlive && kind > opDestroy && kind != opReset {
		return 0, nil, EBADF
	}
	switch kind {
	case opHello:
		if version := r.u16(); version != Version {
			return 0, nil, EINVAL
		}
		return 0, s.hello(), nil
	case opCreate, opReset:
		config := r.config()
		if r.isShort {
			return 0, nil, errShort
		}
		return 0, nil, s.create(config)
	case opDestroy:
		s.destroy()
		return 0, nil, nil
	case opInject:
		s.stack.Inject(r.rest())
		return 0, nil, nil
	case opAdvance:
		s.now = r.time()
		s.stack.Advance(s.now)
		return 0, nil, nil
	case opNextTimer:
		return 0, binary.BigEndian.AppendUint64(nil, s.nextTimer()), nil
	case opNow:
		return 0, binary.BigEndian.AppendUint64(nil, uint64(s.clock.Now())), nil
	case opWait:
		s.clock.Wait(r.time())
		return 0, nil, nil
	case opResolve:
		family, server, name := Family(r.u8()), r.endpoint(), string(r.rest())
		query, err := s.resolver.Resolve(family, server, name)
		return int64(query), nil, err
	case opResolved:
		addresses, err := s.resolver.Resolved(int(r.u32()))
		for _, address := range addresses {
			extra = putAddress(extra, address)
		}
		return int64(len(addresses)), extra, err
	case opNetstat:
		text, err := s.lister.Netstat()
		return int64(len(text)), []byte(text), err
	case opSocket:
		fd, err := s.sockets.Socket(Family(r.u8()), Type(r.u8()), Protocol(r.u8()))
		return int64(fd), nil, err
	}
	return s.doWithDescriptor(kind, int(r.u32()), r)
}

func (s *session) doWithDescriptor(kind operation, fd int, r *reader) (int64, []byte, error) {
	switch kind {
	case opBind:
		return 0, nil, s.sockets.Bind(fd, r.endpoint())
	case opListen:
		return 0, nil, s.sockets.Listen(fd, int(int64(r.u64())))
	case opAccept:
		accepted, peer, err := s.sockets.Accept(fd)
		return int64(accepted), putEndpoint(nil, peer), err
	case opConnect:
		return 0, nil, s.sockets.Connect(fd, r.endpoint())
	case opRead:
		count, flags := r.u32(), Flags(r.u32())
		received, err := s.sockets.Read(fd, int(min(count, mostOctets/2)), flags)
		extra := binary.BigEndian.AppendUint32(nil, uint32(received.Flags))
		extra = putEndpoint(extra, received.From)
		return int64(len(received.Octets)), append(extra, received.Octets...), err
	case opWrite:
		flags, to := Flags(r.u32()), r.endpoint()
		count, err := s.sockets.Write(fd, r.rest(), flags, to)
		return int64(count), nil, err
	case opShutdown:
		return 0, nil, s.sockets.Shutdown(fd, How(r.u8()))
	case opClose:
		return 0, nil, s.sockets.Close(fd)
	case opSetOption:
		option, value := Option(r.u16()), int64(r.u64())
		return 0, nil, s.sockets.SetOption(fd, option, value)
	case opGetOption:
		value, err := s.sockets.GetOption(fd, Option(r.u16()))
		return 0, binary.BigEndian.AppendUint64(nil, uint64(value)), err
	case opPoll:
		ready, err := s.sockets.Poll(fd)
		return int64(ready), nil, err
	case opLocalEndpoint:
		local, err := s.sockets.LocalEndpoint(fd)
		return 0, putEndpoint(nil, local), err
	case opTCPStatus:
		return s.status(fd)
	case opSetISN:
		return 0, nil, s.numberer.SetISN(fd, r.u32())
	}
	return 0, nil, ENOTSUP
}

func (s *session) status(fd int) (int64, []byte, error) {
	state, counters, err := s.teller.TCPStatus(fd)
	extra := binary.BigEndian.AppendUint16([]byte{byte(state)}, uint16(len(counters)))
	for _, counter := range counters {
		extra = putText(extra, counter.Name)
		extra = binary.BigEndian.AppendUint64(extra, uint64(counter.Value))
	}
	return 0, extra, err
}

var _ Host = (*session)(nil)
