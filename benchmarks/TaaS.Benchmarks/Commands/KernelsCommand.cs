using System.CommandLine;
using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Measure;
using TaaS.Kernels;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Commands;

/// <summary><c>kernels</c>: a table of speeds, shares of the peak and ratios to peers, and a roofline picture.</summary>
internal static class KernelsCommand
{
    internal static Command Create()
    {
        var device = new Option<string>("--device") { Description = "Where: cpu, cuda:0, cuda:1, …", HelpName = "NAME", DefaultValueFactory = _ => "cpu" };
        var filter = new Option<string>("--filter") { Description = "Only cases whose name contains this text.", HelpName = "TEXT" };
        var threads = new Option<int[]>("--threads") { Description = "Numbers of threads on the CPU; default: 1 and all processors.", HelpName = "N", AllowMultipleArgumentsPerToken = true };
        var json = new Option<string>("--json") { Description = "Also write all figures to this file.", HelpName = "FILE" };
        var svg = new Option<string>("--svg") { Description = "Also draw achieved against possible speed, a roofline, into this file.", HelpName = "FILE" };
        var rounds = new Option<int>("--rounds") { Description = "Rounds that count.", HelpName = "N", DefaultValueFactory = _ => 9 };
        Whole(threads, 1024);
        Whole(rounds, 1000);
        var command = new Command("kernels", "A table of speeds, shares of the peak and ratios to peers, measured in pairs.") { device, filter, threads, json, svg, rounds };
        command.SetAction(parsed => Run(parsed.GetValue(device)!, parsed.GetValue(filter), parsed.GetValue(threads) ?? [], parsed.GetValue(json), parsed.GetValue(svg), parsed.GetValue(rounds)));
        return command;
    }

    private static void Whole(Option option, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Any(token => !int.TryParse(token.Value, out var number) || number < 1 || number > most))
        {
            result.AddError($"{option.Name}: give a number from 1 to {most}");
        }
    });

    private static int Run(string deviceName, string? filter, int[] threads, string? json, string? svg, int rounds)
    {
        foreach (var (option, file) in new[] { ("--json", json), ("--svg", svg) })
        {
            if (file is not null && Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
            {
                return ExitCode.Say($"{option}: the folder {folder} does not exist", ExitCode.Usage);
            }
        }

        Device device;
        try
        {
            device = Devices.Find(deviceName);
        }
        catch (DeviceException error)
        {
            return ExitCode.Say(error.Message, ExitCode.Machine);
        }

        var catalog = Catalog.On(device);
        Workload[] cases = [.. catalog.Where(one => filter is null || one.FullName.Contains(filter, StringComparison.OrdinalIgnoreCase))];
        if (cases.Length == 0)
        {
            return ExitCode.Say($"no case contains '{filter}'; there are:\n{string.Join('\n', catalog.Select(one => $"  {one.FullName}"))}", ExitCode.Usage);
        }

        if (threads.Length == 0)
        {
            threads = device is GpuDevice || Environment.ProcessorCount == 1 ? [Environment.ProcessorCount] : [1, Environment.ProcessorCount];
        }

        Console.WriteLine(Report.Machine(device));
        var timing = new PairedTiming(device, rounds, TimeSpan.FromMilliseconds(40));
        var results = Measure(timing, device, cases, threads);
        Report.Print(device, results, Console.Out);
        var saved = Save("--json", json, path => Report.WriteJson(path, device, results));
        if (svg is not null)
        {
            Console.Error.WriteLine("measuring the roof");
            saved &= Save("--svg", svg, path => Picture.Of(device, timing, results, threads[^1]).Save(path));
        }

        return saved && results.TrueForAll(result => result.Ours.Problem is null) ? ExitCode.Success : ExitCode.Failed;
    }

    private static List<CaseResult> Measure(PairedTiming timing, Device device, Workload[] cases, int[] threads)
    {
        var results = new List<CaseResult>();
        foreach (var count in threads)
        {
            foreach (var one in cases)
            {
                var where = device is GpuDevice ? device.Name : count == 1 ? "1 thread" : $"{count} threads";
                Console.Error.WriteLine($"[{results.Count + 1}/{cases.Length * threads.Length}] measuring {one.FullName}, {where}");
                results.Add(timing.Measure(one, count));

                // Operands of the last case; a device's memory is given back when they are collected.
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }

        return results;
    }

    private static bool Save(string option, string? path, Action<string> write)
    {
        try
        {
            if (path is not null)
            {
                write(path);
            }

            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"bench: {option}: {path} could not be written: {error.Message}");
            return false;
        }
    }
}
