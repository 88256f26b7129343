package phgin

import (
	"io"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/phgen/phgen/runtime/internal/adaptertest"
	"github.com/phgen/phgen/runtime/phhttp"
)

// router returns a server as an application has it.
func router(opts ...phhttp.Option) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.RecoveryWithWriter(io.Discard), Middleware(opts...))
	router.GET("/projects/:id", func(c *gin.Context) {
		adaptertest.ViewProject(c.Request.Context())
		c.String(http.StatusOK, "Acme")
	})
	router.POST("/login", func(c *gin.Context) { adaptertest.LogIn(c.Request.Context()) })
	router.GET("/gone", func(c *gin.Context) { c.AbortWithStatus(http.StatusGone) })
	router.GET("/panic", func(*gin.Context) { panic("boom") })
	router.GET("/healthz", func(c *gin.Context) { adaptertest.CheckHealth(c.Request.Context()) })
	return router
}

func TestMiddleware(t *testing.T) {
	adaptertest.Adapter{Route: "/projects/:id", Serve: adaptertest.HTTP(router)}.Test(t)
}
