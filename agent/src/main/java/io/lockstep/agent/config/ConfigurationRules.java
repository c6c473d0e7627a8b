package io.lockstep.agent.config;

import io.lockstep.artifact.TreeFilter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What must hold between the keys of one file. Looks at nothing but the file. */
final class ConfigurationRules {
    private static final List<String> WILDCARDS = List.of("0.0.0.0", "::", "[::]");

    private final AgentConfiguration configuration;
    private final List<Problem> problems = new ArrayList<>();

    private ConfigurationRules(AgentConfiguration configuration) {
        this.configuration = configuration;
    }

    /** Every contradiction in {@code configuration}, whose single values are valid. */
    static List<Problem> problems(AgentConfiguration configuration) {
        var rules = new ConfigurationRules(configuration);
        rules.checkMembers();
        rules.checkTrees();
        rules.checkPorts();
        rules.checkDurations();
        return List.copyOf(rules.problems);
    }

    private void add(String key, String what, String remedy) {
        problems.add(new Problem(key, what, remedy));
    }

    private void checkMembers() {
        var cluster = configuration.cluster();
        var byName = new HashMap<String, String>();
        var byUrl = new HashMap<URI, String>();
        for (int i = 0; i < cluster.members().size(); i++) {
            var member = cluster.members().get(i);
            var key = "cluster.members[" + i + "]";
            requireUnique(byName, member.name(), key, ".name");
            requireUnique(byUrl, member.control(), key, ".control");
            if (!isControlUrl(member.control())) {
                add(
                        key + ".control",
                        "is '" + member.control() + "', not https://host:port",
                        "Write the member's control port, for example https://10.0.0.1:9881");
            }
        }
        var names = String.join(
                ", ", cluster.members().stream().map(MemberAddress::name).toList());
        requireMember("cluster.manager", cluster.manager(), names);
        requireMember("node.name", configuration.node().name(), names);
    }

    private <T> void requireUnique(Map<T, String> seen, T value, String key, String suffix) {
        var first = seen.putIfAbsent(value, key + suffix);
        if (first != null) {
            add(key + suffix, "is '" + value + "', as " + first + " is", "Give each its own");
        }
    }

    private void requireMember(String key, String name, String names) {
        if (configuration.cluster().member(name).isEmpty()) {
            add(key, "is '" + name + "', which is not a member", "Write one of " + names + ", or add it as a member");
        }
    }

    private static boolean isControlUrl(URI url) {
        return "https".equals(url.getScheme())
                && url.getHost() != null
                && url.getPort() >= 1
                && url.getPort() <= 65535
                && url.getRawPath().isEmpty()
                && url.getRawQuery() == null
                && url.getRawFragment() == null
                && url.getRawUserInfo() == null;
    }

    private void checkTrees() {
        var byName = new HashMap<String, String>();
        for (int i = 0; i < configuration.trees().size(); i++) {
            var tree = configuration.trees().get(i);
            var key = "trees[" + i + "]";
            requireUnique(byName, tree.name(), key, ".name");
            requireShareOnItsMount(key, tree);
            requirePatterns(key + ".include", tree.include(), list -> new TreeFilter(list, List.of(), List.of()));
            requirePatterns(key + ".exclude", tree.exclude(), list -> new TreeFilter(List.of(), list, List.of()));
            requirePatterns(key + ".report", tree.report(), list -> new TreeFilter(List.of(), List.of(), list));
        }
        checkShares();
        problems.addAll(PlacedPath.overlaps(configuration, path -> path));
        problems.addAll(LayoutRules.problems(configuration.trees()));
    }

    private void requireShareOnItsMount(String key, TreeConfiguration tree) {
        var mount = tree.mount();
        if (mount != null && !tree.share().isRemote() && !tree.mountedShare().startsWith(mount.point())) {
            add(
                    key + ".mount.point",
                    "is " + mount.point() + ", and " + key + ".share (" + tree.share() + ") does not lie below it",
                    "Write the mountpoint of the share: findmnt -n -o TARGET -T " + tree.share());
        }
    }

    private void checkShares() {
        var first = configuration.trees().get(0).share();
        for (int i = 0; i < configuration.trees().size(); i++) {
            var tree = configuration.trees().get(i);
            var key = "trees[" + i + "]";
            tree.share().fault().ifPresent(fault -> add(key + ".share", fault.what(), fault.remedy()));
            if (tree.share().isRemote() != first.isRemote()) {
                add(
                        key + ".share",
                        tree.share().isRemote()
                                ? "is on a server, and trees[0].share is mounted"
                                : "is mounted, and trees[0].share is on a server",
                        "Give all trees of a node a mounted share, or all of them one that is not: the live paths of all"
                                + " trees are switched together");
            }
            checkCredentials(key, tree);
        }
    }

    private void checkCredentials(String key, TreeConfiguration tree) {
        boolean logsIn = tree.share() instanceof ShareLocation.Remote remote
                && ShareLocation.SFTP.equals(remote.uri().getScheme());
        if (logsIn && tree.credentials() == null) {
            add(
                    key + ".credentials",
                    "is not set, and " + tree.share() + " needs a login",
                    "Add it, for example: credentials: /etc/lockstep/share.yml; docs/configuration.md says what is in it");
        } else if (!logsIn && tree.credentials() != null) {
            add(
                    key + ".credentials",
                    "is set, and nothing logs in to " + tree.share(),
                    "Remove the line, or write an sftp URI as share");
        }
    }

    private void requirePatterns(String key, List<String> patterns, Consumer<List<String>> compile) {
        for (int i = 0; i < patterns.size(); i++) {
            try {
                compile.accept(List.of(patterns.get(i)));
            } catch (IllegalArgumentException e) {
                var reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("malformed");
                add(key + "[" + i + "]", reason, "See the rules for patterns in docs/configuration.md");
            }
        }
    }

    private void checkPorts() {
        var ops = configuration.ops();
        var control = configuration.control();
        boolean sameHost = ops.host().equals(control.host())
                || WILDCARDS.contains(ops.host())
                || WILDCARDS.contains(control.host());
        if (sameHost && ops.port() == control.port()) {
            add(
                    "control.port",
                    "is " + control.port() + ", as ops.port is",
                    "Use two ports; the defaults are " + OpsConfiguration.DEFAULTS.port() + " for ops and "
                            + ControlConfiguration.DEFAULT_PORT + " for control");
        }
    }

    private void checkDurations() {
        var scan = configuration.scan();
        var timing = configuration.timing();
        requireAtLeast(
                "scan.interval",
                scan.interval(),
                "scan.replicaInterval",
                scan.replicaInterval(),
                "the local replica is read at least as often as the share");
        requireAtLeast(
                "scan.digestAllEvery",
                scan.digestAllEvery(),
                "scan.interval",
                scan.interval(),
                "a full verify is a scan too");
        requireAtLeast(
                "timing.lossTimeout",
                timing.lossTimeout(),
                "timing.exchangeInterval",
                timing.exchangeInterval(),
                "the loss of the share is decided on what the peers exchange");
        requireAtLeast(
                "timing.lossTimeout",
                timing.lossTimeout(),
                "timing.shareDeadline",
                timing.shareDeadline(),
                "one slow call must not be taken for a loss");
        requireAtLeast(
                "timing.returnAfter",
                timing.returnAfter(),
                "timing.lossTimeout",
                timing.lossTimeout(),
                "a share that comes and goes must not switch the mode each time");
        requireAtLeast(
                "timing.driftGrace",
                timing.driftGrace(),
                "timing.exchangeInterval",
                timing.exchangeInterval(),
                "the second look must see a newer exchange");
        requireAtLeast(
                "timing.settleShare",
                timing.settleShare(),
                "timing.settle",
                timing.settle(),
                "what a network file system shows is older than what a local one does");
        requireAtLeast(
                "timing.readyLag",
                timing.readyLag(),
                "scan.interval + timing.settleShare + timing.exchangeInterval",
                scan.interval().plus(timing.settleShare()).plus(timing.exchangeInterval()),
                "a change is seen that late when all is well, and the node would go out of rotation for it");
        requireAtLeast(
                "timing.staleAfter",
                timing.staleAfter(),
                "twice scan.interval",
                scan.interval().multipliedBy(2),
                "evidence is that old when all is well, if a scan comes late");
        requireAtLeast(
                "timing.staleAfter",
                timing.staleAfter(),
                "timing.readyLag",
                timing.readyLag(),
                "a lag must be reported as such before its evidence is too old");
    }

    private void requireAtLeast(String key, Duration value, String otherKey, Duration least, String why) {
        if (value.compareTo(least) < 0) {
            add(
                    key,
                    "is " + DurationText.format(value) + ", shorter than " + otherKey + " ("
                            + DurationText.format(least) + "); " + why,
                    "Raise " + key + " to " + DurationText.format(least) + " or more, or lower the other");
        }
    }
}
