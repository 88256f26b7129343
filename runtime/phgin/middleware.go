// Package phgin is package phhttp for servers that use gin.
//
//	router := gin.New()
//	router.Use(gin.Recovery(), phgin.Middleware(phhttp.Pageviews()))
//
// Handlers capture with the request's context, c.Request.Context(). They may give c itself
// only if gin.Engine.ContextWithFallback is set.
package phgin

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/phgen/phgen/runtime/phhttp"
)

// Middleware is phhttp.Middleware for gin. $request_route is the route as gin writes it,
// "/projects/:id". A panic that is captured goes on to the middleware before it, say
// gin.Recovery.
func Middleware(opts ...phhttp.Option) gin.HandlerFunc {
	wrap := phhttp.Middleware(opts...)
	return func(c *gin.Context) {
		c.Request.Pattern = c.FullPath()
		wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c.Request = r
			defer func() { w.WriteHeader(c.Writer.Status()) }()
			c.Next()
		})).ServeHTTP(unheard{}, c.Request)
	}
}

// unheard is a writer for phhttp, which is only told the status: handlers write to gin's.
type unheard struct{}

func (unheard) Header() http.Header         { return http.Header{} }
func (unheard) Write(p []byte) (int, error) { return len(p), nil }
func (unheard) WriteHeader(int)             {}
