package io.lockstep.agent.config;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a tree's live path is led from the share to the replica and back. */
public enum FlipKind {
    /** It is a symbolic link that the agent renames. Needs no privilege; gives every file another real path. */
    @JsonProperty("link")
    LINK,
    /** It is the replica, which the helper lockstep-bind covers with the share. Every file keeps its real path. */
    @JsonProperty("bind")
    BIND,
    /** The share is mounted straight on it. Nobody leads it, so a hang of the mount is a hang of the Gateway. */
    @JsonProperty("none")
    NONE
}
