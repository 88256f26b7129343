package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// A oneOf is a flag whose value is one of some words, the first without the flag.
type oneOf struct {
	words []string
	word  string
}

func (o *oneOf) String() string { return o.word }
func (o *oneOf) Type() string   { return strings.Join(o.words, "|") }

// Set is called by pflag with what the user wrote.
func (o *oneOf) Set(word string) error {
	if !slices.Contains(o.words, word) {
		return fmt.Errorf("must be one of %s", strings.Join(o.words, ", "))
	}
	o.word = word
	return nil
}

func (o *oneOf) addTo(cmd *cobra.Command, name, usage string) {
	o.word = o.words[0]
	cmd.Flags().Var(o, name, usage)
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return o.words, cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
		panic(err) // the flag was added above
	}
}

// formatFlag gives cmd the flag --format of commands that print findings.
func formatFlag(cmd *cobra.Command) *oneOf {
	f := &oneOf{words: []string{"text", "json", "github", "sarif"}}
	f.addTo(cmd, "format", "how to print findings; github means workflow commands")
	return f
}
