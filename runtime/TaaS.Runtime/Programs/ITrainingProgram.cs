using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;

namespace TaaS.Runtime.Programs;

/// <summary>What is trained: a model and its data. Every role of a job makes the same one.</summary>
public interface ITrainingProgram
{
    /// <summary>Name by which a job file asks for it.</summary>
    string Name { get; }

    /// <summary>Makes the model; the same generator state gives the same bits.</summary>
    Module CreateModel(Generator generator, Device device);

    /// <summary>Opens the training set.</summary>
    /// <param name="path">Folder or file from <c>spec.data.path</c>.</param>
    /// <exception cref="DataException">Missing or damaged data.</exception>
    IDataset OpenTrain(string path);

    /// <summary>Opens the test set.</summary>
    /// <inheritdoc cref="OpenTrain"/>
    IDataset OpenTest(string path);
}
