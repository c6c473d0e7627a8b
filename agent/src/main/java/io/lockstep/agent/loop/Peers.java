package io.lockstep.agent.loop;

import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.wire.Exchange;
import io.lockstep.wire.LogPage;

/** The other members over the control port. Every method has its own deadline and may be called from any thread. */
public interface Peers {
    /**
     * Tells a member of this node and hears of it.
     *
     * @throws PeerException when it can't be reached, refuses, or answers nonsense
     */
    Exchange exchange(NodeName member, Exchange mine) throws PeerException;

    /** The decision log's entries after an index. */
    LogPage log(NodeName member, long after) throws PeerException;

    /**
     * The manifest with this root, found by asking for what differs from {@code nearest}.
     *
     * @throws PeerException also when the answers don't add up to the root
     */
    Manifest manifest(NodeName member, Digest root, Manifest nearest) throws PeerException;

    /**
     * Pulls files of a generation from members into the stage, several at once, each checked against its digest. What
     * another attempt got in part is gone on with.
     */
    Staging pull(PullTask task);

    /** Removes what pulls got in part: nobody needs it. Not while a pull is running. */
    void forgetPulls();
}
