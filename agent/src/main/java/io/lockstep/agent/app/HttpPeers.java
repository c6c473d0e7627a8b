package io.lockstep.agent.app;

import io.lockstep.agent.loop.PeerException;
import io.lockstep.agent.loop.Peers;
import io.lockstep.agent.loop.PullTask;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.peer.CallOutcome;
import io.lockstep.agent.peer.ControlClient;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.MalformedManifestException;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestWalk;
import io.lockstep.wire.Exchange;
import io.lockstep.wire.LogPage;
import io.lockstep.wire.TrieAnswers;
import io.lockstep.wire.TrieQuestions;
import java.time.Duration;
import java.util.Map;

/** The members over their control ports: JSON for what they say, and rsync for content. */
final class HttpPeers implements Peers {
    private static final Duration CALL = Duration.ofSeconds(4);
    private static final Duration BIG_CALL = Duration.ofSeconds(30);

    private final Map<NodeName, PeerAddress> addresses;
    private final ControlClient control;
    private final ContentPull contents;

    HttpPeers(Map<NodeName, PeerAddress> addresses, ControlClient control, ContentPull contents) {
        this.addresses = Map.copyOf(addresses);
        this.control = control;
        this.contents = contents;
    }

    @Override
    public Exchange exchange(NodeName member, Exchange mine) throws PeerException {
        var theirs = post(member, "/v1/exchange", mine, Exchange.class, CALL);
        if (!theirs.member().name().equals(member)) {
            throw new PeerException(
                    member + " says that it is " + theirs.member().name() + ": give each node its own node.name");
        }
        return theirs;
    }

    @Override
    public LogPage log(NodeName member, long after) throws PeerException {
        try {
            return value(member, control.get(address(member), "/v1/log?after=" + after, LogPage.class, BIG_CALL));
        } catch (InterruptedException e) {
            throw interrupted(member, e);
        }
    }

    @Override
    public Manifest manifest(NodeName member, Digest root, Manifest nearest) throws PeerException {
        var walk = new ManifestWalk(nearest, root);
        try {
            while (!walk.questions().isEmpty()) {
                var questions = new TrieQuestions(root, walk.questions());
                walk.accept(post(member, "/v1/trie", questions, TrieAnswers.class, BIG_CALL)
                        .answers());
            }
            return walk.result();
        } catch (MalformedManifestException e) {
            throw new PeerException(member + " sent a " + e.getMessage(), e);
        }
    }

    @Override
    public Staging pull(PullTask task) {
        return contents.pull(task);
    }

    @Override
    public void forgetPulls() {
        contents.forget();
    }

    private <T> T post(NodeName member, String path, Object body, Class<T> type, Duration deadline)
            throws PeerException {
        try {
            return value(member, control.post(address(member), path, body, type, deadline));
        } catch (InterruptedException e) {
            throw interrupted(member, e);
        }
    }

    private PeerAddress address(NodeName member) {
        var address = addresses.get(member);
        if (address == null) {
            throw new IllegalArgumentException(member + " is not a member");
        }
        return address;
    }

    private static PeerException interrupted(NodeName member, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new PeerException("the agent stopped while it asked " + member, e);
    }

    private static <T> T value(NodeName member, CallOutcome<T> outcome) throws PeerException {
        if (outcome instanceof CallOutcome.Answered<T> answered) {
            return answered.value();
        }
        if (outcome instanceof CallOutcome.Refused<T> refused) {
            throw new PeerException(
                    member + " refused (" + refused.status() + "): " + refused.error() + "; " + refused.remedy());
        }
        if (outcome instanceof CallOutcome.Unreachable<T> unreachable) {
            throw new PeerException(member + " can't be reached: " + unreachable.reason());
        }
        throw new PeerException(member + " did not answer within " + ((CallOutcome.TimedOut<T>) outcome).deadline());
    }
}
