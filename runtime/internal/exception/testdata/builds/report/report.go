// Package report stands for package runtime, through which programs reach package exception.
package report

import "github.com/phgen/phgen/runtime/internal/exception"

// Capture returns what is told of err, which was met here: {"list":[…],"images":[…]}.
func Capture(err error) string {
	r := exception.Report{Chain: exception.Chain(err), Frames: exception.Callers()}
	json := append(r.AppendList([]byte(`{"list":`)), `,"images":`...)
	if r.HasImages() {
		return string(append(r.AppendImages(json), '}'))
	}
	return string(append(json, `[]}`...))
}
