// Package window has event time: watermarks per producer, lateness, window assignment.
package window
