package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/phgen/phgen/runtime/internal/queue"
)

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// sign returns a certificate for template, signed by a, or by itself if a is nil.
func sign(t *testing.T, a *authority, template x509.Certificate) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(1)
	template.Subject = pkix.Name{CommonName: "ph.test"}
	template.BasicConstraintsValid = true
	by := &authority{&template, key}
	if a != nil {
		by = a
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, by.cert, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key}
}

// A connection that can not be trusted is a failure that names its reason. Nothing is
// sent over it, and nothing goes in the clear instead.
func TestTLS(t *testing.T) {
	now := time.Now()
	year := 365 * 24 * time.Hour
	ca := sign(t, nil, x509.Certificate{IsCA: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: now.Add(-year), NotAfter: now.Add(year)})
	stranger := sign(t, nil, x509.Certificate{IsCA: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: now.Add(-year), NotAfter: now.Add(year)})
	here := []net.IP{net.IPv4(127, 0, 0, 1)}
	for name, c := range map[string]struct {
		by   *authority
		cert x509.Certificate
		max  uint16
		want string
	}{
		"good":          {ca, x509.Certificate{IPAddresses: here, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}, 0, ""},
		"expired":       {ca, x509.Certificate{IPAddresses: here, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(-time.Minute)}, 0, "certificate has expired or is not yet valid"},
		"not yet valid": {ca, x509.Certificate{IPAddresses: here, NotBefore: now.Add(time.Hour), NotAfter: now.Add(2 * time.Hour)}, 0, "certificate has expired or is not yet valid"},
		"wrong host":    {ca, x509.Certificate{DNSNames: []string{"other.test"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}, 0, "cannot validate certificate for 127.0.0.1"},
		"unknown CA":    {stranger, x509.Certificate{IPAddresses: here, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}, 0, "certificate signed by unknown authority"},
		"self-signed":   {nil, x509.Certificate{IPAddresses: here, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}, 0, "certificate signed by unknown authority"},
		"old version":   {ca, x509.Certificate{IPAddresses: here, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}, tls.VersionTLS11, "protocol version not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			leaf := sign(t, c.by, c.cert)
			requests := 0
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.TLS = &tls.Config{
				Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.cert.Raw}, PrivateKey: leaf.key}},
				MinVersion:   tls.VersionTLS10, MaxVersion: c.max,
			}
			s.StartTLS()
			t.Cleanup(s.Close)
			tr := newTransport(t, s, Config{})
			roots := x509.NewCertPool()
			roots.AddCert(ca.cert)
			tr.own.TLSClientConfig = &tls.Config{RootCAs: roots}
			v := send(t, tr, "{}")
			if c.want == "" {
				if v.Outcome != queue.Delivered || requests != 1 {
					t.Errorf("%s after %d requests, want delivered", summary(v), requests)
				}
				return
			}
			if v.Outcome != queue.Retry || v.Err == nil || !strings.Contains(v.Err.Error(), c.want) || requests != 0 {
				t.Errorf("%s after %d requests, want a retry because of %q", summary(v), requests, c.want)
			}
		})
	}
}

// An endpoint that speaks no TLS where it should gets nothing.
func TestTLSToPlain(t *testing.T) {
	requests := 0
	s := serve(t, func(http.ResponseWriter, *http.Request) { requests++ })
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	tr := newTransport(t, s, Config{})
	tr.url.Scheme = "https"
	v := send(t, tr, "{}")
	if v.Outcome != queue.Retry || v.Err == nil || !strings.Contains(v.Err.Error(), "first record does not look like a TLS handshake") || requests != 0 {
		t.Errorf("%s after %d requests", summary(v), requests)
	}
}
