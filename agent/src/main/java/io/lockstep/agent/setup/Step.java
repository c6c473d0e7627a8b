package io.lockstep.agent.setup;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.IOException;
import java.util.Optional;

/**
 * One thing that setup does. It knows by looking what is done of it, so it may be cut short anywhere, applied again and
 * undone. The journal keeps it as JSON.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = MakeDirectory.class, name = "make-directory"),
    @JsonSubTypes.Type(value = WriteFile.class, name = "write-file"),
    @JsonSubTypes.Type(value = BindDirectory.class, name = "bind-directory"),
    @JsonSubTypes.Type(value = CopyTree.class, name = "copy-tree"),
    @JsonSubTypes.Type(value = ReplaceByLink.class, name = "replace-by-link")
})
public sealed interface Step permits MakeDirectory, WriteFile, BindDirectory, CopyTree, ReplaceByLink {
    /** What it does, as an order. */
    String what();

    /** What that is for. */
    String why();

    /** The commands that do the same. */
    String command();

    /** What is there now. */
    String now() throws IOException;

    /** Whether there is nothing left of it to do. */
    boolean hasHappened() throws IOException;

    /** Does it, from wherever an earlier attempt ended. */
    void apply(Checkpoint checkpoint) throws IOException;

    /**
     * Brings back what was there before, from wherever it or an earlier attempt ended.
     *
     * @return what was left as it is, and why; empty when all is as it was
     */
    Optional<String> undo(Checkpoint checkpoint) throws IOException;
}
