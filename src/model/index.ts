// What other rooms use of the models.

export {
  type ErrorModel,
  type HttpTrait,
  loadModel,
  loadModelNow,
  type OperationModel,
  type ServiceModel,
} from './serviceModel.ts'
export { factsOf, type ModelName, type ProtocolName, type ServiceFacts, services } from './services.ts'
export type { ListShape, MapShape, Member, ScalarShape, Shape, StructureShape, TimestampFormat } from './shape.ts'
export { joinViolations, validate } from './validate.ts'
