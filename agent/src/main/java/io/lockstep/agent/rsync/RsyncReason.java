package io.lockstep.agent.rsync;

import java.util.Optional;

/**
 * Why a transfer ended as it did, what becomes of it, and what to do about it. {@link RsyncExit} has the exit codes; what
 * has none is told from rsync's messages, or decided by this agent.
 */
public enum RsyncReason {
    COMPLETE("all files were transferred", "checks every digest", "Nothing to do"),
    PARTIAL(
            "some files were not transferred",
            "keeps those that arrived, asks the next member for the others",
            "Nothing to do if another member has them; else look at the member's replica"),
    VANISHED(
            "some files vanished while they were sent",
            "keeps those that arrived, asks the next member for the others",
            "Nothing to do: the member's replica has just changed"),
    UNREQUESTED(
            "the peer sent files that were not asked for",
            "removes them, and leaves the member out for two minutes",
            "Look at the member: its agent doesn't follow the protocol"),
    DISK_FULL(
            "the disk is full",
            "gives back what the transfer took, and pulls again when there is room; the replica is untouched",
            "Free space or inodes on the file system of the work directory"),
    FILE_IO(
            "a file could not be read or written",
            "keeps what arrived, asks the next member",
            "Check permissions and the disk under the directory that is named, here or at the member"),
    CONNECTION(
            "the connection broke or carried something else than rsync",
            "keeps what arrived, goes on from there with the next member",
            "Check the network, and the member's agent and its log"),
    TIMEOUT(
            "the peer was silent for too long",
            "keeps what arrived, goes on from there with the next member",
            "Check the network and the member's load"),
    DEADLINE(
            "the transfer took longer than its deadline and was killed",
            "keeps what arrived, goes on from there",
            "Nothing to do if it moves on; on a slow line raise rsync.timeout"),
    INTERRUPTED(
            "the transfer was interrupted and killed",
            "keeps what arrived for the next start",
            "Nothing to do: this agent is stopping"),
    TOO_MUCH_DATA(
            "the peer sent more than the files can need; the transfer was ended",
            "leaves the member out for two minutes, asks the next",
            "Look at the member: its files are not the generation's"),
    INCOMPATIBLE(
            "the two rsyncs don't understand each other",
            "asks the next member",
            "Use the same version of Lockstep and rsync on both nodes"),
    BAD_ARGUMENTS(
            "rsync refused its arguments",
            "asks the next member",
            "Check the directory that is named, and the version of rsync"),
    OUT_OF_MEMORY(
            "rsync ran out of the memory that it may use",
            "asks the next member",
            "Give the host more memory; if it has enough, look at the member: it claims too much"),
    KILLED(
            "rsync was ended by a signal",
            "keeps what arrived, goes on from there with the next member",
            "Look into the kernel's log for the killer"),
    INTERNAL(
            "rsync failed inside",
            "asks the next member",
            "If it stays, look into the detail and report it with rsync's version"),
    NOT_STARTED(
            "rsync was not started",
            "tries again",
            "Check that rsync is installed and the directories exist and are writable");

    private final String description;
    private final String action;
    private final String remedy;

    RsyncReason(String description, String action, String remedy) {
        this.description = description;
        this.action = action;
        this.remedy = remedy;
    }

    /** What happened, in a few words. */
    public String description() {
        return description;
    }

    /** What the pulling agent does then, as a sentence without subject and full stop. */
    public String action() {
        return action;
    }

    /** What a person should do, as a sentence without its full stop. */
    public String remedy() {
        return remedy;
    }

    /** Whether only a peer that does not keep to the protocol, or to the generation, brings this about. */
    public boolean isPeersDoing() {
        return this == UNREQUESTED || this == TOO_MUCH_DATA;
    }

    /** The reason of a process's end. */
    static RsyncReason of(StreamedProcess.Ended ended) {
        return switch (ended.cause()) {
            case EXITED -> ofExit(ended.exitCode().orElseThrow(), ended.detail());
            case DEADLINE -> DEADLINE;
            case INTERRUPTED -> INTERRUPTED;
            case TOO_MUCH_DATA -> TOO_MUCH_DATA;
        };
    }

    /**
     * The reason of an exit code, whatever code it is.
     *
     * @param stderr tells what has no exit code of its own: a full disk, a file that grows past its limit, an impossible
     *     length in the stream
     */
    static RsyncReason ofExit(int exitCode, String stderr) {
        var known = RsyncExit.of(exitCode);
        if (known.isEmpty()) {
            return RsyncExit.signalOf(exitCode).isPresent() ? KILLED : INTERNAL;
        }
        var reason = known.get().reason();
        return switch (reason) {
            case CONNECTION, FILE_IO, PARTIAL -> toldBy(stderr).orElse(reason);
            // rsync ends with the code of a failed allocation, too, when a length in the stream is impossible.
            case OUT_OF_MEMORY -> stderr.contains("overflow") ? CONNECTION : OUT_OF_MEMORY;
            default -> reason;
        };
    }

    private static Optional<RsyncReason> toldBy(String stderr) {
        if (stderr.contains("No space left on device") || stderr.contains("Disk quota exceeded")) {
            return Optional.of(DISK_FULL);
        }
        // The limit is the file's own size.
        return stderr.contains("File too large") ? Optional.of(TOO_MUCH_DATA) : Optional.empty();
    }
}
