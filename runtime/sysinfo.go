package runtime

import (
	"os"
	goruntime "runtime"
	"strings"
	"sync"

	"github.com/phgen/phgen/runtime/value"
)

const library = "phgen-go"

// The properties that tell about the library and its host.
const (
	propLib          = "$lib"
	propLibVersion   = "$lib_version"
	propIsServer     = "$is_server"
	propGeoIPDisable = "$geoip_disable"
	propOS           = "$os"
	propOSVersion    = "$os_version"
	propOSDistro     = "$os_distro"
	propGoVersion    = "$go_version"
)

// libraryTail returns the members that end every event's properties, without a
// comma before or a brace behind them.
func libraryTail(v1, geoIP bool) []byte {
	var dst []byte
	member := func(key string, json []byte) {
		if len(dst) > 0 {
			dst = append(dst, ',')
		}
		dst = append(value.AppendString(dst, key), ':')
		dst = append(dst, json...)
	}
	text := func(key, v string) {
		if v != "" {
			member(key, value.AppendString(nil, v))
		}
	}
	if !v1 { // which says it in a header
		text(propLib, library)
		text(propLibVersion, Version)
	}
	member(propIsServer, []byte("true"))
	if !geoIP {
		member(propGeoIPDisable, []byte("true"))
	}
	host := hostSystem()
	text(propOS, host.name)
	text(propOSVersion, host.version)
	text(propOSDistro, host.distro)
	text(propGoVersion, goruntime.Version())
	return dst
}

// A system is the operating system that the program runs on. What can not be found
// out without starting another program is empty.
type system struct{ name, version, distro string }

// hostSystem reads the system once.
var hostSystem = sync.OnceValue(func() system {
	switch goruntime.GOOS {
	case "linux":
		release, err := os.ReadFile("/etc/os-release")
		if err != nil {
			return system{name: "Linux"} // a container without a distribution
		}
		return linuxSystem(string(release))
	case "darwin":
		return system{name: "Mac OS X"}
	case "windows":
		return system{name: "Windows"}
	default:
		return system{name: strings.ToUpper(goruntime.GOOS[:1]) + goruntime.GOOS[1:]}
	}
})

// linuxSystem reads the text of /etc/os-release.
func linuxSystem(release string) system {
	s := system{name: "Linux"}
	for line := range strings.Lines(release) {
		key, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		v = strings.Trim(v, `"'`)
		switch key {
		case "NAME":
			s.distro = v
		case "VERSION_ID":
			s.version = v
		}
	}
	return s
}
