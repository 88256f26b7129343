// Package phecho is package phhttp for servers that use echo, version 5.
//
//	e := echo.New()
//	e.Use(middleware.Recover(), phecho.Middleware(phhttp.Pageviews()))
//
// Handlers capture with the request's context, c.Request().Context().
package phecho

import (
	"net/http"

	"github.com/labstack/echo/v5"
	"github.com/phgen/phgen/runtime/phhttp"
)

// Middleware is phhttp.Middleware for echo. $request_route is the route as echo writes it,
// "/projects/:id"; it is known to middleware that Use installs, and not to that of Pre. An
// error that a handler returns is none of its matters, save that it decides the status.
func Middleware(opts ...phhttp.Option) echo.MiddlewareFunc {
	wrap := phhttp.Middleware(opts...)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) (err error) {
			r := c.Request()
			r.Pattern = c.Path()
			wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c.SetRequest(r)
				defer func() {
					_, status := echo.ResolveResponseStatus(c.Response(), err)
					w.WriteHeader(status)
				}()
				err = next(c)
			})).ServeHTTP(unheard{}, r)
			return err
		}
	}
}

// unheard is a writer for phhttp, which is only told the status: handlers write to echo's.
type unheard struct{}

func (unheard) Header() http.Header         { return http.Header{} }
func (unheard) Write(p []byte) (int, error) { return len(p), nil }
func (unheard) WriteHeader(int)             {}
