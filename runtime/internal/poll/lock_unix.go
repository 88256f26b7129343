//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package poll

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// lock locks the file called name, which it makes if need be, until it is closed or the
// process ends. It never waits.
func lock(name string) (*os.File, error) {
	// No symbolic link, nor a pipe, that somebody put in our place.
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	if err = flock(f); err == nil && !isNamed(f, name) {
		err = errLocked // somebody has just removed it
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
		}
	}
}

// trusted makes sure that nobody but this user, or root, wrote the file.
func trusted(info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("belongs to user %d", st.Uid)
	}
	if info.Mode().Perm()&0o002 != 0 {
		return errors.New("everybody may write it")
	}
	return nil
}
