import { Component, JsonFile } from 'projen';
import { TypeScriptProject } from 'projen/lib/typescript';

/** Gives editors and the linter a TypeScript configuration in each folder that is not part of the library. */
export class DevelopmentFolders extends Component {
  constructor(project: TypeScriptProject, folders: string[]) {
    super(project);
    for (const folder of folders) {
      new JsonFile(project, `${folder}/tsconfig.json`, {
        marker: false,
        obj: { extends: '../test/tsconfig.json', include: ['**/*.ts'] },
      });
    }
  }
}
