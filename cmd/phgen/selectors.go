package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// selectors are the values of the flag --only: the parts of a plan of which the
// union is generated. Empty means the whole plan.
type selectors []string

func (s *selectors) String() string { return strings.Join(*s, ", ") }
func (s *selectors) Type() string   { return "tag:x|owner:x|event:x" }

// Set is called by pflag with what the user wrote, once for each flag.
func (s *selectors) Set(word string) error {
	kind, name, _ := strings.Cut(word, ":")
	if !slices.Contains([]string{"tag", "owner", "event"}, kind) || name == "" {
		return errors.New("must be tag:, owner: or event:, and a name")
	}
	*s = append(*s, word)
	return nil
}

func (s *selectors) addTo(cmd *cobra.Command) {
	cmd.Flags().Var(s, "only", "generate a part of the plan: the events, flags, surveys and AI features that match, and what they need; may be repeated")
}
