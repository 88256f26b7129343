package main

import "testing"

// What stands on disk is taken for the result only if it is what the last run
// made of the same source.
func TestMemo(t *testing.T) {
	const source, onDisk, formatted = "package  a\n", oursHead + "package a // remembered\n", "package a\n"
	tests := []struct {
		name string
		last written
		want string
	}{
		{"same source", written{stampOf([]byte(onDisk)), stampOf([]byte(source)).Hash}, onDisk},
		{"other source", written{stampOf([]byte(onDisk)), stampOf([]byte("package b\n")).Hash}, formatted},
		{"edited on disk", written{stampOf([]byte("before")), stampOf([]byte(source)).Hash}, formatted},
		{"nothing remembered", written{}, formatted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := openTree(t, tree(t, map[string]string{"gen/tracking/a.go": onDisk}))
			m := newMemo(out, &cache{last: memory{Outputs: map[string]written{"tracking/a.go": tt.last}}})
			got, err := m.format("tracking/a.go", []byte(source))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got, want := m.sources["tracking/a.go"], stampOf([]byte(source)).Hash; got != want {
				t.Errorf("remembers source %q, want %q", got, want)
			}
		})
	}
}
