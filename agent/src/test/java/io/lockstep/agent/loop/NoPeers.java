package io.lockstep.agent.loop;

import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.wire.Exchange;
import io.lockstep.wire.LogPage;

/** A cluster in which no other member is up. */
final class NoPeers implements Peers {
    @Override
    public Exchange exchange(NodeName member, Exchange mine) {
        throw new AssertionError("nobody is there");
    }

    @Override
    public LogPage log(NodeName member, long after) {
        throw new AssertionError("nobody is there");
    }

    @Override
    public Manifest manifest(NodeName member, Digest root, Manifest nearest) {
        throw new AssertionError("nobody is there");
    }

    @Override
    public Staging pull(PullTask task) {
        throw new AssertionError("nobody is there");
    }

    @Override
    public void forgetPulls() {}
}
