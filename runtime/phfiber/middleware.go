// Package phfiber is package phhttp for servers that use fiber, version 3.
//
//	app := fiber.New()
//	app.Use(recover.New(), phfiber.Middleware(phhttp.Pageviews()))
//
// Handlers capture with the context that c.Context() returns; c itself does not know the
// scope. It may outlive the request, as may whatever is captured with it: nothing of
// fiber's, which uses its memory again, is kept.
package phfiber

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/phgen/phgen/runtime/phhttp"
)

// Middleware is phhttp.Middleware for fiber. The callbacks of the options are given a copy
// of the request without its body. $request_route is the route as fiber writes it,
// "/projects/:id". Fiber looks for it while the request is served: it is known to a
// $pageview and a panic, but not to the events of handlers. An error that a handler returns
// is none of its matters, save that it decides the status.
func Middleware(opts ...phhttp.Option) fiber.Handler {
	wrap := phhttp.Middleware(opts...)
	return func(c fiber.Ctx) (err error) {
		wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c.SetContext(r.Context())
			defer func() {
				r.Pattern = strings.Clone(c.FullPath())
				w.WriteHeader(status(c, err))
			}()
			err = c.Next()
		})).ServeHTTP(unheard{}, request(c))
		return err
	}
}

// request returns a copy of the request, with everything but its body.
func request(c fiber.Ctx) *http.Request {
	from := &c.RequestCtx().Request
	r := &http.Request{
		Method:     string(from.Header.Method()),
		Host:       string(from.Host()),
		RequestURI: string(from.Header.RequestURI()),
		Proto:      string(from.Header.Protocol()),
		Header:     make(http.Header),
		Body:       http.NoBody,
		RemoteAddr: c.RequestCtx().RemoteAddr().String(),
		TLS:        c.RequestCtx().TLSConnectionState(),
	}
	for name, value := range from.Header.All() {
		r.Header.Add(string(name), string(value))
	}
	var err error
	if r.URL, err = url.ParseRequestURI(r.RequestURI); err != nil {
		r.URL = &url.URL{Path: string(from.URI().Path()), RawQuery: string(from.URI().QueryString())}
	}
	return r.WithContext(c.Context())
}

// status returns the status that the answer has, or will have when fiber has seen err.
func status(c fiber.Ctx, err error) int {
	var e *fiber.Error
	switch {
	case errors.As(err, &e):
		return e.Code
	case err != nil:
		return http.StatusInternalServerError
	}
	return c.Response().StatusCode()
}

// unheard is a writer for phhttp, which is only told the status: handlers write to fiber's.
type unheard struct{}

func (unheard) Header() http.Header         { return http.Header{} }
func (unheard) Write(p []byte) (int, error) { return len(p), nil }
func (unheard) WriteHeader(int)             {}
