package origin

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Redirect returns where an answer sends a request, or nil. Only 307 and 308 keep a POST
// what it is, and neither key nor body ever leave the origin.
func Redirect(method string, from *url.URL, status int, header http.Header) *url.URL {
	switch status {
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		if method != http.MethodGet {
			return nil
		}
	default:
		return nil
	}
	to, err := from.Parse(header.Get("Location"))
	if err != nil || to.User != nil || origin(to) != origin(from) {
		return nil
	}
	to.Fragment = ""
	return to
}

// origin returns the scheme, host and port of u.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
