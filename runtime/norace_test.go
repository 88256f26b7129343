//go:build !race

package runtime

const patient = 1
