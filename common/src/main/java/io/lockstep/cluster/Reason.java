package io.lockstep.cluster;

/**
 * Why something is as it is. The same value appears in the log, as a metric's label and in every answer, each with what
 * a person can do. Names are frozen.
 */
public enum Reason {
    OK("nothing to do"),
    NO_SHARE("nothing: no share is configured, and the manager's replica is the authority"),
    STARTING("wait for the first scan to end; it takes as long as reading the whole tree once"),

    SHARE_MISSING("mount the share at the configured path, or correct trees[].share"),
    MARKER_MISSING("mount the right share; to mark a new one: lockstep setup --share DIR --cluster ID"),
    MARKER_FOREIGN("another cluster's share is mounted here: correct the mount, or cluster.id"),
    MARKER_UNREGISTERED("the share was marked anew: if it is the right one, tell the manager: lockstep register"),
    NOT_MOUNTED("mount the share: nothing is mounted at the configured mountpoint"),
    WRONG_TYPE("another kind of file system is mounted there: mount the share, or correct trees[].mount.type"),
    WRONG_EXPORT(
            "another export is mounted there than on the other nodes: compare findmnt on both, mount the right one"),
    STALE_VIEW("the mount does not show what other nodes write: mount it again, or look at its caching options"),
    STALE_HANDLE("the server replaced the directory under the mount: umount -l it, and mount it again"),
    NOT_CONNECTED("the mount has lost its server or its daemon: umount it, and mount it again"),
    READ_ONLY("the share can be read and not written: look at the mount's options and the export's"),
    NO_SPACE("the share is full: free some, or raise its quota"),
    NO_PERMISSION("give the agent's user, and the Gateway's, the right to read and write the share"),
    MOUNT_IO_STUCK("too many helper processes hang in the mount: release it with umount -f, or repair its server"),
    MOUNT_IO_FAILED(
            "the helper process that looks at the share ended: see the agent's log; start the agent again after an"
                    + " upgrade"),
    SHARE_IO_ERROR("look at the mount and the file server: dmesg, and the message in the agent's log"),
    SHARE_HUNG("the mount does not answer: look at the file server and the network; umount -f releases it"),
    SHARE_UNREACHABLE("the share's server can't be reached: look at trees[].share, the server and the network between"),
    SHARE_HOST_KEY(
            "the server has not the host key of the known_hosts file: ask its administrator before you change it"),
    SHARE_LOGIN("the server or the agent refuses the login: look at trees[].credentials and at the server's log"),
    SHARE_REMOTE(
            "publish to the share itself: it is not mounted, and what a Gateway writes here reaches no other node"),
    SHARE_BACK_TOO_SHORT("nothing: the share is back and is watched for timing.returnAfter before it is used"),

    DRIFT("lockstep diff names the paths; repair the mount, or wait for the next generation"),
    BEHIND("the node receives the reference: look at lockstep status and its log if it stays so"),
    NOT_SERVING("a live path leads neither to the mount nor to the replica: see lockstep check FILE"),
    STALE("the agent has not looked for too long: see its log, and the load of the host"),
    UNKNOWN_ENTRIES("entries can't be read: lockstep diff names them; give the agent's user the right to read them"),
    REPLICA_BROKEN("the replica can't be read or written: look at its file system, space and rights"),
    REPLICA_INCOMPLETE("the replica does not hold the reference yet and nobody can supply it: bring a member back"),

    LOG_DIVERGED("the manager's decision log does not follow from this node's: move this node's state directory away"),
    MANAGER_UNREACHABLE("start the manager's agent, or look at the network between the nodes"),
    ROTATION_LIMIT("more than half of the nodes have this problem, so nodes stay in rotation: repair the cause"),
    DELETION_GUARD("too many files would go: put them back with lockstep reject ID, or approve: lockstep approve ID"),
    SHARE_DIVERGED("the share came back with other content: lockstep diff --share names the paths"),
    SHARE_LOST("all nodes lost the share: repair it; nodes serve their replicas meanwhile"),
    SHARE_RETURNED("nothing: the share is back and is brought up to the reference"),
    SHARE_EQUAL("nothing: the share shows the reference"),
    OPERATOR("an operator decided so"),
    FIRST_CONTACT("trees differ, and there is no generation yet: lockstep holds tells how; then lockstep adopt"),
    NO_GENERATION("the manager has not committed a generation yet: see its log");

    private final String remedy;

    Reason(String remedy) {
        this.remedy = remedy;
    }

    /** What a person can do about it, or that there is nothing to do. */
    public String remedy() {
        return remedy;
    }
}
