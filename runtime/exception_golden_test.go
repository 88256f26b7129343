package runtime

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/golden"
)

// What differs from one build to the next: addresses, where Go and this checkout are, and the
// lines of all but one file.
var (
	nativeText = regexp.MustCompile(`"platform":"native"|,"lang":"go","instruction_addr":"0x[0-9a-f]+","symbol_addr":"0x[0-9a-f]+","image_addr":"0x[0-9a-f]+","client_resolved":true(,"inline":true)?`)
	imagesText = regexp.MustCompile(`,"\$debug_images":\[\{[^]]*\}\]`)
	originText = regexp.MustCompile(`"filename":"[^"]*/(exception_origin_test\.go)"`)
	placeText  = regexp.MustCompile(`"filename":"[^"]*/(?:(runtime/asm)_[a-z0-9]+(\.s)|(runtime/[a-z_]+\.go|testing/testing\.go))","lineno":[0-9]+`)
	frameText  = regexp.MustCompile(`\{"platform"|\{"type":"[^"]*","value"`)
)

// steady returns an event of an exception as it is the same in every build, a frame on a line.
func steady(event string) string {
	event = uuidText.ReplaceAllString(event, "<uuid>")
	event = stampText.ReplaceAllString(event, `"timestamp":"<now>"`)
	event = nativeText.ReplaceAllStringFunc(event, func(s string) string {
		if strings.HasPrefix(s, ",") {
			return ""
		}
		return `"platform":"go"`
	})
	event = imagesText.ReplaceAllString(event, "")
	event = originText.ReplaceAllString(event, `"filename":"$1"`)
	event = placeText.ReplaceAllString(event, `"filename":"$1$2$3","lineno":1`)
	return frameText.ReplaceAllStringFunc(event, func(s string) string { return "\n" + s }) + "\n"
}

func TestExceptionWire(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(context.Context)
	}{
		{"plain", plain}, {"wrapped", wrapped}, {"joined", joined}, {"several", several}, {"stack", stack},
		{"run", returned}, {"panic", panicked}, {"panic-error", outOfBounds}, {"options", withOptions},
	} {
		r := newRig(t)
		survive(r.ctx(Tag("plan", "pro")), tt.run)
		golden.Compare(t, filepath.Join("testdata", "exception", tt.name+".json"), steady(r.one()))
	}
}

// survive calls f and recovers from its panic.
func survive(ctx context.Context, f func(context.Context)) {
	defer func() { _ = recover() }()
	f(ctx)
}

// crashingEnv makes the test binary a program with a goroutine that panics.
const crashingEnv = "PHGEN_TEST_CRASHING"

func init() {
	if os.Getenv(crashingEnv) != "" {
		crashInGoroutine()
	}
}

// printer is an endpoint that prints.
type printer struct{}

func (printer) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(os.Stdout, r.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{}`)), Request: r}, nil
}

func crashInGoroutine() {
	c, err := New(Config{APIKey: "phc_test", Transport: printer{}, Compression: NoCompression, CaptureExceptions: true})
	if err != nil {
		os.Exit(1)
	}
	c.main.tail = []byte(`"$lib":"test"`)
	ctx, cancel := context.WithCancel(With(context.Background(), UseClient(c), User("u_1")))
	cancel() // as that of a request that is over
	Go(ctx, panicked)
	select {}
}

// A panic in Go is delivered before it ends the program, which it does as if nobody had caught it.
func TestPanicInGoroutine(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-test.run=^$")
	cmd.Env = append(os.Environ(), crashingEnv+"=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("the program ended with %v, want 2", err)
	}
	if !strings.Contains(stderr.String(), "panic: cart of 3 items") {
		t.Errorf("it said %s", stderr.String())
	}
	_, event, _ := strings.Cut(stdout.String(), `"batch":[`)
	golden.Compare(t, filepath.Join("testdata", "exception", "goroutine.json"), steady(strings.TrimSuffix(strings.TrimSpace(event), "]}")))
}

// Frames have addresses, and the event has the image they are in, if the executable has an
// identity.
func TestDebugImages(t *testing.T) {
	r := newRig(t)
	CaptureException(r.ctx(), emptyCart())
	event := r.one()
	native, images := strings.Contains(event, `"platform":"native"`), strings.Contains(event, `"$debug_images":[{"type":"elf","debug_id":"`)
	if native != images {
		t.Errorf("native frames: %v, images: %v in %s", native, images, event)
	}
	CaptureException(r.ctx(), emptyCart(), Stack([]uintptr{1}))
	if event := r.one(); strings.Contains(event, "$debug_images") {
		t.Errorf("no frame is known, and yet there are images in %s", event)
	}
}
