using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using TaaS.Kernels.Tests.Conformance;
using Xunit.Sdk;

namespace TaaS.Benchmarks.Gpu.Conformance;

/// <summary>One check that ran.</summary>
/// <param name="Family">Op family.</param>
/// <param name="Name">Method and arguments.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Failure">What went wrong, or null.</param>
internal sealed record CheckResult(string Family, string Name, double Seconds, string? Failure);

/// <summary>Runs every fact and theory of the suite without a test host: in a single file there is no assembly that one could load.</summary>
internal static class ConformanceRunner
{
    /// <summary>Families of the suite that no class brings to the device.</summary>
    internal static IReadOnlyList<string> Missing =>
    [
        .. Types.Where(type => type.IsAbstract && type.IsSubclassOf(typeof(KernelConformance)) && !Classes.Any(one => one.IsSubclassOf(type))).Select(type => type.Name),
    ];

    /// <summary>Every check, in order: a class, a method, its arguments.</summary>
    internal static IEnumerable<(Type Class, MethodInfo Method, object?[] Arguments)> Checks =>
        from type in Classes
        from method in type.GetMethods().OrderBy(method => method.Name, StringComparer.Ordinal)
        where method.GetCustomAttribute<FactAttribute>() is not null
        from arguments in Rows(method)
        select (type, method, arguments);

    private static Type[] Types => typeof(ConformanceRunner).Assembly.GetTypes();

    private static IEnumerable<Type> Classes => Types
        .Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(KernelConformance)) && type.Namespace == typeof(Families).Namespace)
        .OrderBy(type => type.Name, StringComparer.Ordinal);

    /// <summary>Runs one check on a new instance, as a test host does.</summary>
    internal static CheckResult Run(Type type, MethodInfo method, object?[] arguments)
    {
        var clock = Stopwatch.StartNew();
        string? failure = null;
        try
        {
            if (method.Invoke(Activator.CreateInstance(type), Converted(method, arguments)) is Task task)
            {
                task.GetAwaiter().GetResult();
            }
        }
        catch (Exception error)
        {
            // Whatever a check throws is its result; the others still run.
            failure = (error is TargetInvocationException { InnerException: { } inner } ? inner : error).Message;
        }

        var given = arguments.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"({string.Join(", ", arguments.Select(argument => Convert.ToString(argument, CultureInfo.InvariantCulture)))})");
        return new CheckResult(type.Name, method.Name + given, clock.Elapsed.TotalSeconds, failure);
    }

    private static IEnumerable<object?[]> Rows(MethodInfo method) => method.GetCustomAttribute<TheoryAttribute>() is null
        ? [[]]
        : method.GetCustomAttributes<DataAttribute>().SelectMany(data => data.GetData(method));

    /// <summary>Attributes hold plain numbers where a parameter may be another type of number.</summary>
    private static object?[] Converted(MethodInfo method, object?[] arguments) =>
        [.. method.GetParameters().Zip(arguments, (parameter, argument) => argument is IConvertible && parameter.ParameterType.IsPrimitive ? Convert.ChangeType(argument, parameter.ParameterType, CultureInfo.InvariantCulture) : argument)];
}
