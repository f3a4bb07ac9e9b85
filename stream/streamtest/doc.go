// Package streamtest has scenario and random-test helpers for the engine.
package streamtest
