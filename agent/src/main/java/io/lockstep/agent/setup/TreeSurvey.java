package io.lockstep.agent.setup;

import io.lockstep.agent.config.FlipKind;
import io.lockstep.agent.config.Problem;
import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.mount.MountTable;
import io.lockstep.mount.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What one tree's directories are like on this host, and whether setup may begin there. */
final class TreeSurvey {
    private final String key;
    private final TreeConfiguration tree;
    private final MountTable mounts;
    private final SharePeek peek;
    private final List<Problem> obstacles;
    private final List<String> notes;

    /** Findings are added to {@code obstacles} and {@code notes}. */
    TreeSurvey(
            String key,
            TreeConfiguration tree,
            MountTable mounts,
            SharePeek peek,
            List<Problem> obstacles,
            List<String> notes) {
        this.key = key;
        this.tree = tree;
        this.mounts = mounts;
        this.peek = peek;
        this.obstacles = obstacles;
        this.notes = notes;
    }

    /** The name that the Gateway's directory has while a link is in its place. */
    static Path aside(Path live) {
        return live.resolveSibling(live.getFileName() + ".before-lockstep");
    }

    private void obstacle(String part, String what, String remedy) {
        obstacles.add(new Problem(key + part, what, remedy));
    }

    /** Looks, and says how the replica is reached when it lies beneath a mountpoint. */
    Optional<Underlay> look() throws IOException {
        var above = Owned.above(tree.live());
        if (!Files.isDirectory(above)) {
            obstacle(
                    ".live",
                    "the directory " + above + " is not there",
                    "Install the Gateway first, or correct the path");
            return Optional.empty();
        }
        lookAtShare();
        boolean isMounted = mounts.at(tree.live().toString()).isPresent();
        if (tree.flip() == FlipKind.LINK) {
            lookAtLink(isMounted);
        } else {
            lookAtDirectory(isMounted);
        }
        var underlay = Underlay.of(tree, mounts);
        if (underlay.isPresent()) {
            lookAtUnderlay(underlay.get());
        }
        return underlay;
    }

    private void lookAtShare() {
        if (peek instanceof SharePeek.Seen seen
                && !seen.realPath().equals(tree.mountedShare())
                && tree.flip() == FlipKind.BIND) {
            obstacle(
                    ".share",
                    tree.mountedShare() + " leads through a link to " + seen.realPath() + ", and root binds no links",
                    "Write " + seen.realPath());
        } else if (peek instanceof SharePeek.Absent) {
            notes.add("The share's directory " + tree.mountedShare()
                    + " is not there now: mount the share before the agent can" + " use it.");
        } else if (peek instanceof SharePeek.Unknown unknown) {
            notes.add("The share can't be looked at: " + unknown.why() + ".");
        }
    }

    private void lookAtLink(boolean isMounted) throws IOException {
        var live = tree.live();
        if (isMounted) {
            obstacle(
                    ".live",
                    live + " is a mountpoint, and with flip: link a link must be there",
                    "Stop the Gateway, unmount it, and mount the share at a place of its own; or choose flip: none");
        } else if (Files.isSymbolicLink(live)) {
            lookAtTarget();
        } else if (Files.isDirectory(live, LinkOption.NOFOLLOW_LINKS)) {
            lookAtCopy();
        } else if (Files.exists(live, LinkOption.NOFOLLOW_LINKS)) {
            obstacle(".live", live + " is a file", "Move it away");
        }
        if (Place.isUncovered(
                mounts, tree.replica().toString(), tree.mountedShare().toString())) {
            obstacle(".share", "nothing is mounted at " + tree.mountedShare() + " now", "Mount the share first");
        }
    }

    private void lookAtTarget() throws IOException {
        var target = Files.readSymbolicLink(tree.live());
        var at = tree.live().resolveSibling(target).normalize();
        if (!at.equals(tree.mountedShare()) && !at.equals(tree.replica())) {
            obstacle(
                    ".live",
                    tree.live() + " is a link to " + target + ", neither the share nor the replica",
                    "Make it a link to " + tree.mountedShare() + " or " + tree.replica() + ", or remove it");
        }
    }

    private void lookAtCopy() throws IOException {
        var replica = tree.replica();
        var kept = aside(tree.live());
        if (Files.isDirectory(kept, LinkOption.NOFOLLOW_LINKS)) {
            obstacle(".live", kept + " is in the way: the directory is to have that name", "Rename it");
        }
        if (Files.isDirectory(replica) && !TreeContents.isEmpty(replica)) {
            var differences = TreeContents.of(tree.live()).differences(TreeContents.of(replica));
            if (!differences.isEmpty()) {
                obstacle(
                        ".replica",
                        replica + " is not empty, and differs from " + tree.live() + " in "
                                + String.join(", ", differences),
                        "Move it away when nothing in it is needed");
            }
            return;
        }
        var existing = replica;
        while (!Files.isDirectory(existing)) {
            existing = Owned.above(existing);
        }
        long free = Files.getFileStore(existing).getUsableSpace();
        long needed = TreeContents.sizeBytes(tree.live());
        if (free < needed) {
            obstacle(
                    ".replica",
                    "the file system of " + existing + " has " + free + " bytes free, and the copy of " + tree.live()
                            + " needs " + needed,
                    "Free some, or choose another file system");
        }
    }

    private void lookAtDirectory(boolean isMounted) throws IOException {
        var live = tree.live();
        boolean showsShare =
                Place.isSame(mounts, live.toString(), tree.mountedShare().toString());
        if (isMounted && tree.flip() == FlipKind.BIND && !showsShare) {
            obstacle(
                    ".live",
                    "something is mounted on " + live + ", and the share is not mounted at " + tree.mountedShare(),
                    "Stop the Gateway, umount " + live + ", and mount the share where " + tree.mountedShare()
                            + " is seen");
        } else if (!isMounted && Files.isSymbolicLink(live)) {
            var target = Files.readSymbolicLink(live);
            obstacle(
                    ".live",
                    live + " is a link to " + target + ", and must be a directory to be mounted on",
                    "Stop Gateway and agent, then run: cp -aT " + target + "/ " + live + ".new && rm " + live
                            + " && mv " + live + ".new " + live);
        } else if (!isMounted && !Files.isDirectory(live, LinkOption.NOFOLLOW_LINKS)) {
            obstacle(
                    ".live", live + " is not a directory", "Make it, with the Gateway's owner: it becomes the replica");
        } else if (!isMounted) {
            lookInside(live);
        } else {
            notes.add("What lies beneath the mount on " + live
                    + " becomes the replica. When that is empty the agent fills"
                    + " it; do not unmount before /ready answers 200.");
        }
        if (tree.flip() == FlipKind.NONE && !isMounted) {
            notes.add("Nothing is mounted on " + live + " now: mount the share there.");
        }
    }

    private void lookInside(Path live) throws IOException {
        var marker = live.resolve(ShareMarker.DIRECTORY).resolve(ShareMarker.NAME);
        if (Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
            obstacle(
                    ".live",
                    live + " holds a share's marker, so that it would be taken for the share",
                    "Make sure that the share is another directory, then move away: " + marker);
        }
        if (TreeContents.isEmpty(live)) {
            notes.add(live + " is empty. The agent fills it; start the Gateway when /ready answers 200.");
        }
        if (tree.flip() == FlipKind.BIND && peek instanceof SharePeek.Seen seen) {
            noteNodeLocalParts(live, seen);
        }
    }

    /** A Gateway that reads the share needs what the filter leaves out there, and the agent does not bring it. */
    private void noteNodeLocalParts(Path live, SharePeek.Seen share) throws IOException {
        var filter = tree.filter();
        try (Stream<Path> first = Files.list(live)) {
            var missing = first.map(path -> path.getFileName().toString())
                    .filter(name -> filter.verdict(EntryPath.of(name)) == TreeFilter.Verdict.LEAVE_OUT)
                    .filter(name -> !share.names().contains(name))
                    .sorted()
                    .toList();
            if (!missing.isEmpty()) {
                notes.add("The share lacks " + String.join(", ", missing) + ", which the filter leaves out and " + live
                        + " has. If the Gateway needs them, copy them: cp -a " + live + "/{"
                        + String.join(",", missing) + "} " + tree.mountedShare() + "/");
            }
        }
    }

    private void lookAtUnderlay(Underlay underlay) throws IOException {
        var point = underlay.point().toString();
        if (mounts.at(point).isPresent()) {
            if (!Place.isSame(mounts, point, underlay.source().toString())) {
                obstacle(
                        ".replica",
                        "something else than " + underlay.source() + " is mounted at " + point,
                        "Unmount it, or choose another directory");
            }
        } else if (Files.isDirectory(underlay.point()) && !TreeContents.isEmpty(underlay.point())) {
            obstacle(
                    ".replica",
                    point + " is not empty, and a bind of " + underlay.source() + " would cover what is in it",
                    "Choose another directory, or move that away");
        }
    }
}
