package io.lockstep.agent.rsync;

/**
 * Why a transfer ended as it did, with what to do about it. The exit codes are those of rsync(1), section EXIT VALUES,
 * and of errcode.h for 124 to 127.
 */
public enum RsyncReason {
    COMPLETE("all files were transferred", "Nothing to do"),
    PARTIAL("some files were not transferred", "Pull the missing files again, or from another peer"),
    VANISHED("some files vanished while they were sent", "Pull again: the peer's replica has just changed"),
    UNREQUESTED(
            "the peer sent files that were not asked for; they were removed",
            "Look at the peer: its agent doesn't follow the protocol"),
    DISK_FULL("the disk is full", "Free space or inodes in the staging directory's file system, then pull again"),
    FILE_IO("a file could not be read or written", "Check permissions and the disk under the directory that is named"),
    CONNECTION("the connection broke or carried something else than rsync", "Pull again; check the peer's agent"),
    TIMEOUT("the peer was silent for too long", "Check the network and the peer's load, then pull again"),
    DEADLINE(
            "the transfer took longer than its deadline and was killed",
            "Pull fewer files at once, or raise the deadline"),
    INTERRUPTED("the transfer was interrupted and killed", "Nothing to do: this agent is stopping"),
    TOO_MUCH_DATA(
            "the peer sent more than the files can need; the transfer was killed",
            "Look at the peer: its files are not the generation's"),
    INCOMPATIBLE(
            "the two rsyncs don't understand each other", "Use the same version of Lockstep and rsync on both nodes"),
    BAD_ARGUMENTS("rsync refused its arguments", "Check the directory that is named, and the version of rsync"),
    OUT_OF_MEMORY("rsync ran out of memory", "Pull fewer files at once, or give the host more memory"),
    KILLED("rsync was ended by a signal", "Look into the kernel's log for the killer; then pull again"),
    INTERNAL("rsync failed inside", "Pull again; if it stays, look into the detail and report it with rsync's version"),
    NOT_STARTED("rsync was not started", "Check that rsync is installed and the directories exist and are writable");

    private final String description;
    private final String remedy;

    RsyncReason(String description, String remedy) {
        this.description = description;
        this.remedy = remedy;
    }

    /** What happened, in a few words. */
    public String description() {
        return description;
    }

    /** What a person should do, as a sentence without its full stop. */
    public String remedy() {
        return remedy;
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
     * The reason of an exit code.
     *
     * @param stderr tells a full disk, which has no exit code of its own
     */
    static RsyncReason ofExit(int exitCode, String stderr) {
        return switch (exitCode) {
            case 0 -> COMPLETE;
            // Syntax or usage; selecting files and directories.
            case 1, 3 -> BAD_ARGUMENTS;
            // Protocol version; unsupported action; starting the protocol.
            case 2, 4, 5 -> INCOMPATIBLE;
            // Socket I/O; protocol data stream.
            case 10, 12 -> isDiskFull(stderr) ? DISK_FULL : CONNECTION;
            case 11 -> isDiskFull(stderr) ? DISK_FULL : FILE_IO;
            // rsync ends with the code of a failed allocation, too, when a length in the stream is impossible.
            case 22 -> stderr.contains("overflow") ? CONNECTION : OUT_OF_MEMORY;
            // A delete limit can't be hit without --delete, but would leave files undone too.
            case 23, 25 -> isDiskFull(stderr) ? DISK_FULL : PARTIAL;
            case 24 -> VANISHED;
            case 30, 35 -> TIMEOUT;
            // A killed sibling; SIGUSR1; SIGINT, SIGTERM or SIGHUP.
            case 16, 19, 20 -> KILLED;
            // Diagnostics; IPC; a crashed sibling; waitpid; the joining shell (124 to 127).
            case 13, 14, 15, 21, 124, 125, 126, 127 -> INTERNAL;
            default -> exitCode > 128 ? KILLED : INTERNAL;
        };
    }

    private static boolean isDiskFull(String stderr) {
        return stderr.contains("No space left on device") || stderr.contains("Disk quota exceeded");
    }
}
