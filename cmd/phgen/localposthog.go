package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/dev/devserver"
	"github.com/phgen/phgen/internal/dev/flagset"
	"github.com/phgen/phgen/internal/dev/relay"
	"github.com/phgen/phgen/internal/dev/surveydoc"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/schema"
)

const (
	devAddress = "127.0.0.1:8010"
	devKey     = "phc_dev"
	devSecret  = "phs_dev"
)

// forwardKey is where the key of the project behind --forward is: a flag would show it to
// everybody on the machine.
const forwardKey = "POSTHOG_FORWARD_KEY"

// A serving is what the user of dev and ci asks of the local PostHog.
type serving struct {
	plan, listen, definitions, fault, record, forward string

	maxEvents int
	maxBytes  byteSize
}

func (s *serving) addTo(cmd *cobra.Command, listen string) {
	f := cmd.Flags()
	addPlanFlag(cmd, &s.plan)
	f.StringVar(&s.listen, "listen", listen, "the address to serve; port 0 takes a free one")
	f.StringVar(&s.definitions, "flags", "", "a `file` of flag definitions as PostHog serves them; its flags win over the plan's")
	f.StringVar(&s.fault, "fault", "", "what to rehearse, like 503:30s,latency=2s,reset=10%")
	f.StringVar(&s.record, "record", "", `a `+"`file`"+` for the events, which "phgen replay" sends again`)
	f.StringVar(&s.forward, "forward", "", "the `address` of a real PostHog that gets the events, too; its project key is "+forwardKey)
	f.IntVar(&s.maxEvents, "max-events", 100_000, "how many events are kept; the oldest go first")
	s.maxBytes = 256 << 20
	f.Var(&s.maxBytes, "max-bytes", "how much memory events may take")
	for _, name := range []string{"flags", "record"} {
		if err := cmd.MarkFlagFilename(name); err != nil {
			panic(err) // the flag was added above
		}
	}
}

// theCommand accepts arguments only behind a double dash: they are the command to run.
func theCommand(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
		return fmt.Errorf("put -- before the command: %s -- %s …", cmd.CommandPath(), args[0])
	}
	return nil
}

// newStore returns the store for what arrives.
func (s *serving) newStore(p *schema.Plan) (*dev.Store, error) {
	if s.maxEvents <= 0 {
		return nil, fmt.Errorf("--max-events is %d and must be positive", s.maxEvents)
	}
	c := dev.Config{Plan: p, MaxEvents: s.maxEvents, MaxBytes: int64(s.maxBytes)}
	if p != nil {
		c.PlanFile = s.plan
	}
	return dev.NewStore(c), nil
}

// A localPostHog takes events, and hands them on if that was asked for.
type localPostHog struct {
	talk    io.Writer
	url     string
	token   string
	flags   *flagset.Set
	sink    *sink.Sink
	server  *devserver.HTTPServer
	serving chan struct{} // closed when the server has ended

	mu     sync.RWMutex // held by those who take
	closed bool

	arrived   func(sink.Exchange, []dev.Row)
	last      atomic.Int64     // when something arrived, in nanoseconds since 1970
	recording *relay.Recording // nil without --record
	forward   *relay.Sender    // nil without --forward
	refused   atomic.Uint64    // by forward
	warn      sync.Once
}

// open serves store until close. arrived is called as devserver.Config.Arrived is.
func (s *serving) open(talk io.Writer, store *dev.Store, p *schema.Plan, arrived func(sink.Exchange, []dev.Row)) (l *localPostHog, err error) {
	l = &localPostHog{talk: talk, token: rand.Text(), flags: flagset.New(), arrived: arrived, serving: make(chan struct{})}
	if p != nil {
		l.flags.SetPlan(p)
	}
	if err := s.readDefinitions(talk, l.flags); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return nil, fmt.Errorf(`%w; is another "phgen dev" there? --listen 127.0.0.1:0 takes a free port`, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, listener.Close())
		}
	}()
	hosts := l.locate(listener.Addr())
	handler, err := devserver.New(devserver.Config{
		Store: store, Flags: l.flags, Token: l.token, Hosts: hosts, Fault: s.fault, Arrived: l.take,
		Surveys:  surveydoc.Document(p),
		ErrorLog: slog.NewLogLogger(slog.NewTextHandler(talk, nil), slog.LevelError),
	})
	if err != nil {
		return nil, fmt.Errorf("--fault: %w", err)
	}
	if err := l.handOn(s, listener.Addr()); err != nil {
		handler.Close()
		return nil, err
	}
	l.sink, l.server = handler.Sink(), handler.HTTP()
	go func() { // until close
		defer close(l.serving)
		if err := l.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintf(talk, "phgen: serving %s: %s\n", l.url, printable(err.Error()))
		}
	}()
	return l, nil
}

// readDefinitions reads the file of flags, if there is one.
func (s *serving) readDefinitions(talk io.Writer, flags *flagset.Set) error {
	if s.definitions == "" {
		return nil
	}
	f, err := os.Open(s.definitions)
	if err != nil {
		return fmt.Errorf("--flags: %w", err)
	}
	defer f.Close() // it was read
	doc, err := io.ReadAll(io.LimitReader(f, flagset.MaxFile+1))
	if err != nil {
		return fmt.Errorf("--flags: %w", err)
	}
	err = flags.SetFile(s.definitions, doc)
	var malformed *flagset.FileError
	if errors.As(err, &malformed) {
		fmt.Fprintln(talk, printableLines(malformed.Error()))
		return nil
	}
	if err != nil {
		return fmt.Errorf("--flags: %w", err)
	}
	return nil
}

// locate says where the server is, and warns if others can reach it. It returns the names
// that they may use for it.
func (l *localPostHog) locate(addr net.Addr) (hosts []string) {
	tcp, ok := addr.(*net.TCPAddr)
	l.url = "http://" + addr.String()
	if !ok || tcp.IP.IsLoopback() {
		return nil
	}
	fmt.Fprintf(l.talk, "phgen: warning: whoever reaches %s can read the events and change the flags\n", addr)
	if !tcp.IP.IsUnspecified() {
		return []string{tcp.IP.String()}
	}
	l.url = fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	addresses, _ := net.InterfaceAddrs() // without them only loopback and the name are served
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok {
			hosts = append(hosts, n.IP.String())
		}
	}
	return hosts
}

// handOn opens what the events go on to.
func (l *localPostHog) handOn(s *serving, own net.Addr) error {
	if s.forward != "" {
		if err := relay.CheckTarget(s.forward, own); err != nil {
			return fmt.Errorf("--forward: %w", err)
		}
		key := os.Getenv(forwardKey)
		if key == "" {
			return fmt.Errorf("--forward: set %s to the key of the project that is to get the events", forwardKey)
		}
		forward, err := relay.NewSender(relay.Target{Host: s.forward, APIKey: key, Logger: slog.New(slog.NewTextHandler(l.talk, nil))})
		if err != nil {
			return fmt.Errorf("--forward: %w", err)
		}
		l.forward = forward
		fmt.Fprintf(l.talk, "phgen: forwarding every event to %s\n", printable(s.forward))
	}
	if s.record != "" {
		recording, err := relay.Record(s.record)
		if err != nil {
			l.endForward(0)
			return fmt.Errorf("--record: %w", err)
		}
		l.recording = recording
		fmt.Fprintf(l.talk, "phgen: recording every event in %s\n", printable(s.record))
	}
	return nil
}

// take is told of each request.
func (l *localPostHog) take(x sink.Exchange, rows []dev.Row) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return
	}
	l.last.Store(time.Now().UnixNano())
	l.arrived(x, rows)
	if l.recording != nil {
		if err := l.recording.Add(x.At, x.Events); err != nil {
			fmt.Fprintf(l.talk, "phgen: %s; nothing is recorded any more\n", printable(err.Error()))
		}
	}
	if l.forward == nil || relay.Relayed(x.Header) {
		return
	}
	for _, e := range x.Events {
		if err := l.forward.Send(context.Background(), relay.Taken(e)); err != nil {
			l.refused.Add(1)
			l.warn.Do(func() { fmt.Fprintf(l.talk, "phgen: not forwarded: %s\n", printable(err.Error())) })
		}
	}
}

// env is what a command needs to send its events here.
func (l *localPostHog) env() []string {
	return []string{
		"POSTHOG_HOST=" + l.url,
		"POSTHOG_API_KEY=" + devKey,
		"POSTHOG_SECRET_KEY=" + devSecret,
		"POSTHOG_FLAG_POLL_EVERY=1s",
		"PHGEN_DEV_URL=" + l.url,
		"PHGEN_DEV_TOKEN=" + l.token,
		forwardKey + "=",
	}
}

// settle returns when nothing has arrived for a moment: what a command sent last may come
// behind its end.
func (l *localPostHog) settle() {
	const moment, most = 200 * time.Millisecond, 3 * time.Second
	start := time.Now()
	for {
		since := max(start.UnixNano(), l.last.Load())
		wait := moment - time.Since(time.Unix(0, since))
		if wait <= 0 || time.Since(start) > most {
			return
		}
		<-time.After(wait)
	}
}

// close ends the server and says what became of the events that were handed on. Behind it
// arrived is called no more.
func (l *localPostHog) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := l.server.Shutdown(ctx); err != nil {
		_ = l.server.Close() // whoever is still connected has no say
	}
	<-l.serving
	l.mu.Lock() // a request may outlive its server
	l.closed = true
	l.mu.Unlock()
	if l.recording != nil {
		if err := l.recording.Close(); err != nil {
			fmt.Fprintf(l.talk, "phgen: closing the recording: %s\n", printable(err.Error()))
		}
		written, left := l.recording.Counts()
		fmt.Fprintf(l.talk, "phgen: recorded %s%s\n", plural(int(written), "event"), leftOut(left))
	}
	l.endForward(10 * time.Second)
}

func leftOut(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", left out %d", n)
}

// endForward forwards what waits, for as long as patience.
func (l *localPostHog) endForward(patience time.Duration) {
	if l.forward == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = l.forward.Close(ctx) // what did not arrive is in the figures
	stats := l.forward.Stats()
	fmt.Fprintf(l.talk, "phgen: forwarded %s, lost %d\n", plural(int(stats.Sent), "event"), stats.Lost+l.refused.Load())
}
