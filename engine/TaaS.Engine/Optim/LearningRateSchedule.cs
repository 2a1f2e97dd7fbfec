namespace TaaS.Engine.Optim;

/// <summary>The learning rate as a pure function of the step, from 0: set <see cref="Optimizer.LearningRate"/> from it before each step.</summary>
public abstract record LearningRateSchedule
{
    /// <summary>Learning rate of a step.</summary>
    public abstract float At(long step);
}

/// <summary>Always the same.</summary>
public sealed record ConstantRate(float Rate) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long step) => Rate;
}

/// <summary>Multiplied by <paramref name="Factor"/> every <paramref name="Every"/> steps.</summary>
public sealed record StepRate(float Rate, long Every, float Factor) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long step) => Rate * MathF.Pow(Factor, step / Every);
}

/// <summary>Multiplied by <paramref name="Factor"/> at each of the milestones (steps, ascending).</summary>
public sealed record MultiStepRate(float Rate, IReadOnlyList<long> Milestones, float Factor) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long step) => Rate * MathF.Pow(Factor, Milestones.Count(milestone => step >= milestone));
}

/// <summary>Multiplied by <paramref name="Factor"/> each step.</summary>
public sealed record ExponentialRate(float Rate, float Factor) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long step) => Rate * MathF.Pow(Factor, step);
}

/// <summary>A straight line from <paramref name="Rate"/> down to <paramref name="Last"/> over <paramref name="Steps"/>.</summary>
public sealed record LinearRate(float Rate, long Steps, float Last = 0) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long step) => Rate + (Last - Rate) * Math.Min(step, Steps) / Steps;
}

/// <summary>Half a cosine from <paramref name="Rate"/> down to <paramref name="Last"/> over <paramref name="Steps"/>. <b>Source</b>: arXiv:1608.03983 without restarts.</summary>
public sealed record CosineRate(float Rate, long Steps, float Last = 0) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long step) =>
        Last + 0.5f * (Rate - Last) * (1 + MathF.Cos(MathF.PI * Math.Min(step, Steps) / Steps));
}

/// <summary>Rises linearly over <paramref name="Steps"/>, then follows another schedule from its start.</summary>
public sealed record WarmUp(long Steps, LearningRateSchedule Then) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long step) => step < Steps ? Then.At(0) * (step + 1) / Steps : Then.At(step - Steps);
}

/// <summary>Up to <paramref name="Peak"/> over <paramref name="RiseShare"/> of the steps, then down to near 0, by cosines. <b>Source</b>: Smith and Topin, arXiv:1708.07120.</summary>
public sealed record OneCycleRate(float Peak, long Steps, float RiseShare = 0.3f, float StartDivisor = 25, float EndDivisor = 1e4f) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long step)
    {
        var rise = Math.Max(1, (long)(Steps * RiseShare));
        var start = Peak / StartDivisor;
        return step < rise
            ? new CosineRate(start, rise, Peak).At(step)
            : new CosineRate(Peak, Math.Max(1, Steps - rise), start / EndDivisor).At(step - rise);
    }
}
