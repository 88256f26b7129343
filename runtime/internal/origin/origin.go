// Package origin is how the runtime's rooms that speak HTTP deal with the one server that
// they were configured for, and do not trust: keys never leave its origin and appear in no
// text, and whatever it says or asks for is bounded. What its answers mean is for the rooms.
package origin

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxHeader = 64 << 10 // bytes

// NewTransport returns a transport that keeps its connections, of which it makes no more
// than conns.
func NewTransport(conns int) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            Dial,
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxConnsPerHost:        conns,
		MaxIdleConnsPerHost:    conns,
		IdleConnTimeout:        90 * time.Second,
		DisableCompression:     true, // whoever wants an answer to inflate bounds it
		MaxResponseHeaderBytes: maxHeader,
	}
}

var dialer = net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}

// Dial makes a connection, within ten seconds.
func Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return dialer.DialContext(ctx, network, addr)
}

// Refused says that an answer is no success: its status, and what else the endpoint said
// about it, of which empty texts are left out.
func Refused(status int, said ...string) string {
	text := strings.TrimRight("endpoint answered "+strconv.Itoa(status)+" "+http.StatusText(status), " ")
	for _, s := range said {
		if s != "" {
			text += ": " + s
		}
	}
	return text
}

// Garbled returns the error of a success that is no answer, and what is wrong with it.
func Garbled(what string) error { return errors.New("endpoint answered with success, but " + what) }
