package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
)

// shop is an application that sends events to PostHog: those of a file, one a line, in one
// request. It prints the status of the reply.
//
//	shop FILE [STATUS]   send, then exit with that status
func shop() {
	if err := sell(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(9)
	}
	if len(os.Args) > 2 {
		status, err := strconv.Atoi(os.Args[2])
		if err != nil {
			panic(err)
		}
		os.Exit(status)
	}
}

func sell(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	batch := bytes.ReplaceAll(bytes.TrimSpace(text), []byte("\n"), []byte(","))
	key, err := json.Marshal(os.Getenv("POSTHOG_API_KEY"))
	if err != nil {
		return err
	}
	body := fmt.Sprintf(`{"api_key":%s,"batch":[%s]}`, key, batch)
	reply, err := http.Post(os.Getenv("POSTHOG_HOST")+"/batch/", "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		return err
	}
	_, err = fmt.Println("PostHog says", reply.StatusCode)
	return err
}
