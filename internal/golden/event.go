package golden

import (
	"encoding/json"
	"fmt"
	"regexp"
)

// unsteady is what is another at every run, on every machine, or with every Go.
var unsteady = []struct {
	pattern *regexp.Regexp
	steady  string
}{
	{regexp.MustCompile(`"uuid":"[^"]*"`), `"uuid":"…"`},
	{regexp.MustCompile(`"timestamp":"[^"]*"`), `"timestamp":"…"`},
	{regexp.MustCompile(`"distinct_id":"[^"]*-4[^"]*-[^"]*-[^"]*"`), `"distinct_id":"random"`},
	{regexp.MustCompile(`("\$(?:lib_version|go_version|os|os_version|os_distro)"):"[^"]*"`), `$1:"…"`},
	{regexp.MustCompile(`"\$debug_images":\[[^\]]*\],`), ``}, // not of every program
}

var frameText = regexp.MustCompile(`\{"platform":[^{}]*\}`)

// Event returns the JSON of an event as a golden file may have it: without IDs, times, versions
// and images. Of a frame it leaves the function, and whether that is the application's.
func Event(event string) string {
	for _, u := range unsteady {
		event = u.pattern.ReplaceAllString(event, u.steady)
	}
	return frameText.ReplaceAllStringFunc(event, func(text string) string {
		var f struct {
			Function string `json:"function"`
			InApp    bool   `json:"in_app"`
		}
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%s in app: %t", f.Function, f.InApp)
	})
}
