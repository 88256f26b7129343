package devserver

import (
	"bytes"
	_ "embed" // for openapi.json
	"fmt"
	"net/http"

	"github.com/phgen/phgen/internal/dev/page"
)

//go:embed openapi.json
var openAPI []byte

func (s *Server) page(w http.ResponseWriter, _ *http.Request, _ *query) error {
	var text bytes.Buffer
	if err := page.Write(&text, page.Data{Token: s.config.Token}); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	w.Header().Set("Content-Security-Policy", page.Policy)
	w.Header().Set("Cache-Control", "no-store") // it has the token
	send(w, http.StatusOK, "text/html; charset=utf-8", text.Bytes())
	return nil
}

func (s *Server) asset(w http.ResponseWriter, r *http.Request, _ *query) error {
	name := r.PathValue("name")
	data, contentType, etag, ok := page.Asset(name)
	if !ok {
		return refuse(http.StatusNotFound, "the page has no file %.100q; its own are in its HTML", name)
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	send(w, http.StatusOK, contentType, data)
	return nil
}

func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request, _ *query) error {
	w.Header().Set("Cache-Control", "no-cache")
	send(w, http.StatusOK, "application/json", openAPI)
	return nil
}
