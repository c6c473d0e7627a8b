package io.lockstep.agent.config;

import io.lockstep.artifact.TreeFilter;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One directory kept the same on all nodes.
 *
 * @param name a name, unique in the file and the same on every node
 * @param share where the tree's directory is on the share
 * @param credentials the file that says how to log in where the share is not mounted; null where nothing logs in
 * @param mount which mount the share is on; null when the file does not say
 * @param live what the Gateway reads through, and the agent leads to the share or to the replica
 * @param flip how it does that
 * @param replica this node's own copy
 * @param work staging, trash and conflicts; on the replica's file system
 * @param include see {@link TreeFilter}; empty takes every entry
 * @param exclude see {@link TreeFilter}
 * @param report see {@link TreeFilter}
 */
public record TreeConfiguration(
        @NotNull @Pattern(regexp = MemberAddress.NAME) String name,
        @NotNull ShareLocation share,
        @Nullable Path credentials,
        @Nullable @Valid MountConfiguration mount,
        @NotNull Path live,
        @NotNull FlipKind flip,
        @NotNull Path replica,
        @NotNull Path work,
        List<String> include,
        List<String> exclude,
        List<String> report) {

    public TreeConfiguration {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
        report = List.copyOf(report);
    }

    /**
     * Which entries belong to the tree. The directory of the share's marker never does, whatever the patterns say.
     *
     * @throws IllegalArgumentException when a pattern is malformed; {@link ConfigurationFile#load} has refused those
     */
    public TreeFilter filter() {
        var never = Stream.of(ShareMarker.DIRECTORY);
        return new TreeFilter(include, Stream.concat(exclude.stream(), never).toList(), report);
    }

    /** Whether the replica is the live path itself, reached past what is mounted there. */
    public boolean hasUnderlayOfLive() {
        return flip != FlipKind.LINK;
    }

    /**
     * The tree's directory on the mount.
     *
     * @throws IllegalStateException when the share is not mounted: the caller asks {@link #share} first
     */
    public Path mountedShare() {
        if (share instanceof ShareLocation.Mounted mounted) {
            return mounted.path();
        }
        throw new IllegalStateException("the share of tree " + name + " is not mounted: " + share);
    }

    /**
     * The file on the mount that says to which cluster the share belongs.
     *
     * @throws IllegalStateException when the share is not mounted
     */
    public ShareMarker marker() {
        return new ShareMarker(mountedShare());
    }
}
