package io.lockstep.agent.gateway;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.generation.Concern;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What a Gateway may misunderstand of a manifest as a whole, though no file alone is at fault.
 *
 * <p>Of two files that define one API, a new one beside one that the reference has is refused: a Gateway renames it to
 * {@code *.back} (measured on Synapse 3.0.1), and on every node. Of two that come together none is the last good one,
 * so that both are taken and told. Everything else is taken and told: it concerns what its author meant, and every
 * Gateway should do alike with it.
 *
 * @param refused new files that define an API which another file defines, by path
 * @param concerns at most {@link Hold#MAX_PATHS}, sorted by path
 */
public record Survey(Map<EntryPath, Refusal> refused, List<Concern> concerns) {
    /** With more APIs than this their content is not compared: it would not fit the memory that it may take. */
    public static final int MAX_APIS = 20_000;

    private static final Pattern API = Pattern.compile("(?<home>.*synapse-configs/[^/]+/)api/(?<rest>.+\\.xml)");
    private static final Pattern VERSIONED = Pattern.compile("(?:.*/)?(?<base>[^/]+?--.+_v.+)\\.xml");
    /** A key in a registry, or one that is computed, names no file. */
    private static final Pattern NO_FILE = Pattern.compile(".*[/{$].*", Pattern.DOTALL);

    public Survey {
        refused = Map.copyOf(refused);
        concerns = List.copyOf(concerns);
    }

    /** One API's file. */
    private record Api(ManifestEntry entry, String home, ApiFacts facts) {
        /** What another one must not have too. */
        String identity() {
            return home + " " + facts.identity();
        }

        EntryPath path() {
            return entry.path();
        }
    }

    /** Whether this is the file of an API, whose facts a survey asks for. */
    public static boolean isApi(EntryPath path) {
        return API.matcher(path.toString()).matches();
    }

    /**
     * Surveys {@code next}.
     *
     * @param reference what is published already
     * @param factsOf the facts of an API's file; empty when it has none, or they are not known
     */
    public static Survey of(Manifest reference, Manifest next, Function<ManifestEntry, Optional<ApiFacts>> factsOf) {
        var concerns = new ArrayList<Concern>();
        var apis = new ArrayList<Api>();
        var names = new HashMap<String, EntryPath>();
        var apiFiles = next.entries().stream()
                .filter(entry -> entry.isFile() && isApi(entry.path()))
                .toList();
        for (var entry : next.entries()) {
            var text = entry.path().toString();
            var other = names.putIfAbsent(text.toLowerCase(Locale.ROOT), entry.path());
            if (other != null) {
                concerns.add(new Concern(entry.path(), Concern.Kind.CASE_COLLISION, String.valueOf(other)));
            }
        }
        for (var entry : apiFiles) {
            var match = API.matcher(entry.path().toString());
            if (match.matches() && match.group("rest").contains("/")) {
                concerns.add(new Concern(entry.path(), Concern.Kind.NESTED_DIRECTORY, "move it up into api"));
            }
            if (match.matches() && apiFiles.size() <= MAX_APIS) {
                factsOf.apply(entry).ifPresent(facts -> apis.add(new Api(entry, match.group("home"), facts)));
            }
        }
        apis.forEach(api -> nameMismatch(api).ifPresent(concerns::add));
        missingReferences(apis, next, concerns);
        var refused = duplicates(apis, reference, factsOf, concerns);
        concerns.sort((a, b) -> a.path().compareTo(b.path()));
        return new Survey(refused, concerns.subList(0, Math.min(concerns.size(), Hold.MAX_PATHS)));
    }

    private static Optional<Concern> nameMismatch(Api api) {
        var match = VERSIONED.matcher(api.path().toString());
        var facts = api.facts();
        if (!match.matches()) {
            return Optional.empty();
        }
        var expected = ArtifactNames.fileName(
                facts.version().isEmpty() ? facts.name() : facts.name() + "_v" + facts.version());
        return match.group("base").equals(expected)
                ? Optional.empty()
                : Optional.of(new Concern(
                        api.path(),
                        Concern.Kind.NAME_MISMATCH,
                        "it defines " + facts.name()
                                + (facts.version().isEmpty() ? "" : " version " + facts.version())));
    }

    private static void missingReferences(List<Api> apis, Manifest next, List<Concern> concerns) {
        var files = new HashSet<String>();
        var withApplications = new HashSet<EntryPath>();
        for (var entry : next.entries()) {
            if (entry.isFile()) {
                files.add(entry.path().toString());
                if (FileFormat.of(entry.path()) == FileFormat.CARBON_APPLICATION) {
                    withApplications.add(entry.path().first());
                }
            }
        }
        for (var api : apis) {
            // A carbon application brings endpoints and sequences of its own, which have no files here.
            if (withApplications.contains(api.path().first())) {
                continue;
            }
            missing(api, api.facts().endpoints(), "endpoints", files)
                    .or(() -> missing(api, api.facts().sequences(), "sequences", files))
                    .ifPresent(file ->
                            concerns.add(new Concern(api.path(), Concern.Kind.MISSING_REFERENCE, "no " + file)));
        }
    }

    private static Optional<String> missing(Api api, List<String> keys, String kind, Set<String> files) {
        for (var key : keys) {
            var name = ArtifactNames.fileName(key) + ".xml";
            boolean isThere = NO_FILE.matcher(key).matches()
                    || files.contains(api.home() + kind + "/" + name)
                    || files.contains(api.home() + "local-entries/" + name);
            if (!isThere) {
                return Optional.of(kind + "/" + name);
            }
        }
        return Optional.empty();
    }

    private static Map<EntryPath, Refusal> duplicates(
            List<Api> apis,
            Manifest reference,
            Function<ManifestEntry, Optional<ApiFacts>> factsOf,
            List<Concern> concerns) {
        var byIdentity = new TreeMap<String, List<Api>>();
        apis.forEach(api -> byIdentity
                .computeIfAbsent(api.identity(), identity -> new ArrayList<>())
                .add(api));
        var refused = new HashMap<EntryPath, Refusal>();
        for (var group : byIdentity.values()) {
            if (group.size() == 1) {
                continue;
            }
            var published = group.stream()
                    .filter(api -> wasPublished(api, reference, factsOf))
                    .findFirst();
            for (var api : group) {
                var other = published.orElse(group.get(group.get(0).equals(api) ? 1 : 0));
                if (published.isPresent() && !wasPublished(api, reference, factsOf)) {
                    refused.put(
                            api.path(),
                            new Refusal(
                                    api.entry().digest().orElseThrow(),
                                    HeldBack.Why.DUPLICATE_API,
                                    api.facts().identity() + ", as "
                                            + published.get().path()));
                } else if (!other.equals(api)) {
                    concerns.add(new Concern(
                            api.path(), Concern.Kind.DUPLICATE_API, api.facts().identity() + ", as " + other.path()));
                }
            }
        }
        return refused;
    }

    /** Whether the reference has this API at this path, be it with another content. */
    private static boolean wasPublished(
            Api api, Manifest reference, Function<ManifestEntry, Optional<ApiFacts>> factsOf) {
        return reference
                .find(api.path())
                .flatMap(before -> before.hasContentOf(api.entry()) ? Optional.of(api.facts()) : factsOf.apply(before))
                .filter(before -> before.identity().equals(api.facts().identity()))
                .isPresent();
    }
}
