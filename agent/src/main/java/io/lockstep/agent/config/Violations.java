package io.lockstep.agent.config;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.MessageInterpolator;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** Holds the records' constraints against their values and says each violation in our own words. */
final class Violations {
    private static final Map<String, String> EXAMPLES = Map.ofEntries(
            Map.entry("cluster.id", "prod-gateways"),
            Map.entry("cluster.manager", "gw1"),
            Map.entry("node.name", "gw1"),
            Map.entry("name", "server"),
            Map.entry("control", "https://10.0.0.1:9881"),
            Map.entry("share", "/mnt/wso2/server"),
            Map.entry("point", "/mnt/wso2"),
            Map.entry("type", "nfs4"),
            Map.entry("source", "\"filer:/wso2\""),
            Map.entry("live", "/opt/wso2am/repository/deployment/server"),
            Map.entry("replica", "/var/lib/lockstep/replica/server"));

    private final ConfigurationTemplate template;

    Violations(ConfigurationTemplate template) {
        this.template = template;
    }

    /** One problem for each violated constraint, sorted by key. */
    List<Problem> of(AgentConfiguration configuration) {
        var settings = Validation.byDefaultProvider().configure().ignoreXmlConfiguration();
        try (var factory = settings.messageInterpolator(new KeepTemplate()).buildValidatorFactory()) {
            Validator validator = factory.getValidator();
            return validator.validate(configuration).stream()
                    .map(this::problem)
                    .sorted(Comparator.comparing(Problem::key))
                    .toList();
        }
    }

    private Problem problem(ConstraintViolation<?> violation) {
        var key = violation.getPropertyPath().toString();
        var constraint = violation.getConstraintDescriptor().getAnnotation();
        var value = violation.getInvalidValue();
        if (constraint instanceof NotNull) {
            return new Problem(key, "is required and not set", "Add it, for example: " + example(key));
        }
        return new Problem(key, "is " + shown(value) + "; " + allowed(constraint, violation), remedy(key));
    }

    private static String shown(Object value) {
        if (value instanceof Duration duration) {
            return DurationText.format(duration);
        }
        return value instanceof List<?> list ? "a list of " + list.size() : "'" + value + "'";
    }

    private static String allowed(java.lang.annotation.Annotation constraint, ConstraintViolation<?> violation) {
        var attributes = violation.getConstraintDescriptor().getAttributes();
        if (constraint instanceof Pattern pattern) {
            return pattern.regexp().equals(MemberAddress.NAME)
                    ? "a name has 1 to 63 lower-case letters, digits or hyphens, and no hyphen at an end"
                    : "it must be an IP address or a host name";
        }
        if (constraint instanceof Size size) {
            return "it must have " + size.min() + " to " + size.max() + " elements";
        }
        if (constraint instanceof DurationMin min) {
            return "the least is " + bound(min.days(), min.hours(), min.minutes(), min.seconds(), min.millis());
        }
        if (constraint instanceof DurationMax max) {
            return "the most is " + bound(max.days(), max.hours(), max.minutes(), max.seconds(), max.millis());
        }
        if (constraint instanceof NotBlank) {
            return "it must not be empty";
        }
        boolean least = constraint instanceof Min || constraint instanceof DecimalMin;
        if (least || constraint instanceof Max || constraint instanceof DecimalMax) {
            return (least ? "the least is " : "the most is ") + attributes.get("value");
        }
        return "it breaks the rule " + constraint.annotationType().getSimpleName();
    }

    private static String bound(long days, long hours, long minutes, long seconds, long millis) {
        return DurationText.format(Duration.ofDays(days)
                .plusHours(hours)
                .plusMinutes(minutes)
                .plusSeconds(seconds)
                .plusMillis(millis));
    }

    private String remedy(String key) {
        return template.defaultOf(key)
                .filter(JsonNode::isValueNode)
                .map(value -> "Correct it, or remove the line for the default " + value.asText())
                .orElse("Correct it, for example: " + example(key));
    }

    private static String example(String key) {
        var name = key.substring(key.lastIndexOf('.') + 1);
        return name + ": " + EXAMPLES.getOrDefault(key, EXAMPLES.getOrDefault(name, "..."));
    }

    /** Messages are made here from the constraints, so the default ones' expression language needn't be started. */
    private static final class KeepTemplate implements MessageInterpolator {
        @Override
        public String interpolate(String template, Context context) {
            return template;
        }

        @Override
        public String interpolate(String template, Context context, Locale locale) {
            return template;
        }
    }
}
