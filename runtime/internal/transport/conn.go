package transport

import (
	"context"
	"io"
	"net"

	"github.com/phgen/phgen/runtime/internal/origin"
)

// A conn copies request bodies through a pooled buffer. For those larger than its
// write buffer net/http would allocate one each time, which is most of the garbage
// that a request makes.
type conn struct{ net.Conn }

func dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := origin.Dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return conn{c}, nil
}

// ReadFrom writes what r holds.
func (c conn) ReadFrom(r io.Reader) (n int64, err error) {
	buf := blocks.Get().(*block)
	defer blocks.Put(buf)
	for {
		read, err := r.Read(buf[:])
		if read > 0 {
			written, err := c.Write(buf[:read])
			n += int64(written)
			if err != nil {
				return n, err
			}
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
