package api

import (
	"github.com/openremit/remit/compliance"
)

// actorOf returns who makes a call: the person of a session, else the key. Acts
// are told apart by the actor's id, which is stable; its name is for people.
func actorOf(caller Key) compliance.Actor {
	if caller.StaffID != "" {
		return compliance.Actor{Kind: compliance.ActorStaff, ID: string(caller.StaffID), Name: caller.Name}
	}
	return compliance.Actor{Kind: compliance.ActorKey, ID: string(caller.ID), Name: caller.Name}
}
